/** An Express app under load from a process of its own: processor time of the server's main thread per request. */

import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { trackListeners } from 'plateau';
import { requestScope } from 'plateau/express';
import { mainThreadCpu } from '../harness/child.mjs';

const WARM_UP = 3000;

export async function measureRequests({ contender, duration }) {
  const app = express();
  app.disable('x-powered-by');
  const bus = new EventEmitter().setMaxListeners(0);
  let requests = 0;
  const answer = (res) => {
    requests++;
    res.json({ id: requests, name: 'oak table', price: 'EUR 420.00', tags: ['oak', 'table', 'kitchen'] });
  };
  if (contender === 'scope+tracker') app.use(requestScope());
  app.get('/products/:id', handlerOf(contender, bus, answer));
  const server = createServer(app);
  await new Promise((done) => void server.listen({ port: 0, host: '127.0.0.1' }, () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const load = spawn(process.execPath, [
    fileURLToPath(new URL('./load.mjs', import.meta.url)),
    `http://127.0.0.1:${port}/products/1`,
    String(Math.ceil((WARM_UP + duration) / 1000) + 2),
  ]);
  try {
    await sleep(WARM_UP);
    const before = { requests, cpu: cpu() };
    await sleep(duration);
    const ns = ((cpu() - before.cpu) * 1e6) / (requests - before.requests);
    return { ns, requests: requests - before.requests, left: bus.listenerCount('price') };
  } finally {
    load.kill();
    server.closeAllConnections();
    server.close();
  }
}

function handlerOf(contender, bus, answer) {
  switch (contender) {
    case 'bare':
      return (_req, res) => answer(res);
    case 'by hand':
      return (_req, res) => {
        const listener = () => res.write('price');
        bus.on('price', listener);
        res.on('close', () => bus.off('price', listener));
        answer(res);
      };
    case 'scope+tracker':
      return (req, res) => {
        trackListeners(bus, { until: req.scope }).on('price', () => res.write('price'));
        answer(res);
      };
    default:
      throw new Error(`no contender is called ${contender}`);
  }
}

function cpu() {
  return mainThreadCpu() ?? process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
