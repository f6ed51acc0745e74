const http = require('node:http');
const { kernels } = require('./kernels');

let requests = 0;

// Functions become hot one after the other, so the engine compiles all the time.
const server = http.createServer((_req, res) => {
  const kernel = kernels[Math.floor(++requests / 20) % kernels.length];
  let sum = 0;
  for (let i = 0; i < 2_000; i++) sum += kernel(requests % 3 ? i : i + 0.5, [i, sum]);
  res.end(String(sum));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
