import { PassThrough } from 'node:stream';
import { BoundedLog, createScope, keepContext, trackListeners, waitForEvent } from 'plateau';
import { market, reviews } from '../shared/market.mjs';

const recent = new BoundedLog(1_000);

export const middleware = [
  (req, _res, next) => {
    recent.push({ method: req.method, path: req.path, at: Date.now() });
    next();
  },
];

export function watch({ req, res, productId }) {
  const events = trackListeners(market, { until: res });
  events.on(
    'price',
    (id, cents) => id === productId && !res.writableEnded && res.write(`data: ${cents}\n\n`),
  );
  events.on('sale', keepContext(greet, { cookie: req.headers.cookie }));
  createScope({ name: 'heartbeat', until: res }).setInterval(() => res.write(': still here\n\n'), 15_000);
}

export async function restocked({ req, productId }) {
  const { cookie } = req.headers;
  const [amount] = await waitForEvent(market, 'restocked', { timeout: 3_000 });
  return `${amount} of ${productId} for ${cookie}`;
}

export function review({ res }) {
  const lines = createScope({ until: res }).stream(reviews.pipe(new PassThrough()));
  lines.once('data', (line) => res.writableEnded || res.write(line));
}

export const logged = () => recent.size;

function greet({ cookie }) {
  return `a sale, ${cookie}!`;
}
