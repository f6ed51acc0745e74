import { createServer } from 'node:http';
import { drainable } from './drain.mjs';

const server = createServer((req, res) => {
  // The balancer in front opens a connection for each request.
  res.setHeader('connection', 'close');
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ path: req.url, rows: Array.from({ length: 20 }, (_, i) => i * i) }));
});

drainable(server);

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
