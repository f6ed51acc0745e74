import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { createScope, trackListeners } from 'plateau';
import { market, reviews } from '../shared/market.mjs';

const recent = [];
const open = new Map();

export const middleware = [
  (req, _res, next) => {
    // Observed, so that the report can name it.
    trackListeners(req).on('close', () => (req.closedAt = Date.now()));
    recent.push(req);
    next();
  },
];

export function watch({ req, res, productId }) {
  market.on(
    'price',
    (id, cents) => id === productId && !res.writableEnded && res.write(`data: ${cents}\n\n`),
  );
  market.on('sale', () => greet({ cookie: req.headers.cookie }));
  open.set(req, createScope({ name: 'heartbeat' }));
  open.get(req).setInterval(() => res.writableEnded || res.write(': still here\n\n'), 15_000);
}

export async function restocked({ req, productId }) {
  const [amount] = await once(market, 'restocked');
  return `${amount} of ${productId} for ${req.headers.cookie}`;
}

export function review({ res }) {
  const lines = reviews.pipe(new PassThrough());
  lines.once('data', (line) => res.writableEnded || res.write(line));
}

export const logged = () => recent.length;

function greet({ cookie }) {
  return `a sale, ${cookie}!`;
}
