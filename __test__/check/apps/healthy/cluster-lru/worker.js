const http = require('node:http');
const { LRUCache } = require('lru-cache');

const jobs = new LRUCache({ max: 100 });
let next = 0;

exports.start = (port) => {
  const server = http.createServer((req, res) => {
    const job = {
      id: `${process.pid}-${++next}`,
      url: req.url,
      log: Array.from({ length: 8 }, (_, step) => ({ step })),
    };
    jobs.set(job.id, job);
    res.end(JSON.stringify({ job: job.id }));
  });
  server.listen(port, '127.0.0.1');
};
