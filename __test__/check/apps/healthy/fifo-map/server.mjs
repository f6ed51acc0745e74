import { createServer } from 'node:http';
import { remember } from './recent.mjs';

let next = 0;

const server = createServer((_req, res) => {
  const page = remember(`visitor-${++next}`, (key) => ({
    key,
    offers: Array.from({ length: 10 }, (_, i) => `${key}/${i}`),
  }));
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(page));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
