const http = require('node:http');

let visits = 0;

const server = http.createServer((req, res) => {
  /* leak */ const job = {
    id: ++visits,
    progress: 0,
    agent: req.headers['user-agent'] ?? 'unknown',
    steps: new Array(40).fill('todo'),
  };
  /* leak */ const ticker = setInterval(() => {
    job.progress = Math.min(100, job.progress + 5);
    // Cleared when the job is done, but jobs that failed stay below 100 and come here for ever.
    if (job.progress === 100 && job.steps.every((step) => step === 'done')) clearInterval(ticker);
  }, 5_000);
  res.writeHead(202, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ job: job.id, steps: job.steps.length }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
