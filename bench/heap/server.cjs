'use strict';
// `node server.cjs <folder>`: an Express app that keeps something of every request, and three snapshots of it under load.

const { join } = require('node:path');
const { writeHeapSnapshot } = require('node:v8');
const { EventEmitter } = require('node:events');
const express = require('express');

const sessions = new Map();
const bus = new EventEmitter();
bus.setMaxListeners(0);

class Session {
  constructor(id, headers) {
    this.id = id;
    this.headers = { ...headers };
    this.seen = [{ at: `request ${id}`, path: `/items/${id}` }];
  }
}

const app = express();
app.use(express.json());
app.get('/items/:id', (request, response) => {
  const session = new Session(request.params.id, request.headers);
  sessions.set(session.id, session);
  bus.on('change', () => session.seen);
  response.json({ id: session.id });
});

async function main() {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  let id = 0;
  for (const snapshot of ['first', 'second', 'third']) {
    for (let request = 0; request < 2000; request++) await (await fetch(`${origin}/items/${id++}`)).json();
    globalThis.gc?.();
    writeHeapSnapshot(join(process.argv[2], `${snapshot}.heapsnapshot`));
  }
  process.exit();
}

main();
