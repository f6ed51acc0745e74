import { createServer } from 'node:http';
import { measured, report } from './metrics.mjs';

let orders = 10_000;

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname === '/metrics') {
    res.setHeader('content-type', 'application/json');
    return res.end(JSON.stringify(report()));
  }
  const id = ++orders;
  const done = measured(req.method, `${url.pathname}/${id}`);
  res.statusCode = 201;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ id, state: 'accepted', at: new Date().toISOString() }));
  done(res.statusCode);
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
