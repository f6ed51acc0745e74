const http = require('node:http');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

const worker = new Worker(join(__dirname, 'worker.js'));
const waiting = new Map();
let questions = 0;

worker.on('message', ({ id, answer }) => {
  waiting.get(id)(answer);
  waiting.delete(id);
});

const server = http.createServer((_req, res) => {
  const id = ++questions;
  waiting.set(id, (answer) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(answer));
  });
  worker.postMessage({ id, numbers: Array.from({ length: 30 }, (_, i) => (id * i) % 101) });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
