const http = require('node:http');

const server = http.createServer((_req, res) => {
  const job = { progress: 0, steps: new Array(40).fill('todo') };
  const ticker = setInterval(() => {
    job.progress += 50;
    if (job.progress >= 100) res.end(JSON.stringify(job));
  }, 2);
  const tooLong = setTimeout(() => res.destroy(), 30_000);
  res.on('close', () => {
    clearInterval(ticker);
    clearTimeout(tooLong);
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
