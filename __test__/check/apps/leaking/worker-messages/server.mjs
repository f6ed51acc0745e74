import { createServer } from 'node:http';
import { render } from './renderer.mjs';

const server = createServer(async (req, res) => {
  const html = await render({ title: 'Welcome', path: req.url, items: ['lamp', 'table', 'chair'] });
  res.setHeader('content-type', 'text/html');
  res.end(html);
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
