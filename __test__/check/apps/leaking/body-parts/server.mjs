import { createServer } from 'node:http';
import { archive } from './archive.mjs';

const server = createServer(async (req, res) => {
  const parts = [];
  for await (const part of req) parts.push(part);
  /* leak */ archive(Buffer.concat(parts));
  res.statusCode = 202;
  res.end();
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
