const http = require('node:http');

const done = []; // leak
let jobs = 0;

exports.start = (port) => {
  const server = http.createServer((req, res) => {
    const job = { id: `${process.pid}-${++jobs}`, url: req.url, log: [], result: null }; // leak
    for (let step = 0; step < 8; step++) job.log.push({ step, at: performance.now() });
    job.result = job.log.length;
    done.push(job); // leak
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ job: job.id }));
  });
  server.listen(port, '127.0.0.1');
};
