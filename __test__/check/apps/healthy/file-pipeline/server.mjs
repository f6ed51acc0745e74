import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';

const manual = fileURLToPath(import.meta.url);

const server = createServer(async (_req, res) => {
  res.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
  await pipeline(createReadStream(manual), createGzip({ level: 1 }), res).catch(() => res.destroy());
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
