const http = require('node:http');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

const worker = new Worker(join(__dirname, 'worker.js'));
const waiting = new Map();
let questions = 0;

worker.on('message', ({ id, mean }) => {
  waiting.get(id)(mean);
  waiting.delete(id);
});

const server = http.createServer((_req, res) => {
  const id = ++questions;
  waiting.set(id, (mean) => res.end(JSON.stringify({ mean })));
  worker.postMessage({ id, numbers: Float64Array.from({ length: 200 }, (_, i) => (id * i) % 101) });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
