import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const server = createServer(async (_req, res) => {
  const tiles = Array.from({ length: 6 }, (_, i) => Buffer.alloc(512 * 1024, i));
  await delay(1);
  const joined = Buffer.concat(tiles.map((tile) => tile.subarray(0, 1_000)));
  res.setHeader('content-type', 'application/octet-stream');
  res.end(joined);
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
