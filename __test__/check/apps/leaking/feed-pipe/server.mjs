import { createServer } from 'node:http';
import { PassThrough, Readable } from 'node:stream';

// The feed of prices, which never ends.
const feed = new Readable({ read() {} }); // leak
feed.setMaxListeners(0);
setInterval(() => feed.push(`EURUSD ${(1 + Math.random() / 10).toFixed(4)}\n`), 100);
feed.resume();

const server = createServer((_req, res) => {
  const lines = feed.pipe(new PassThrough()); // leak
  res.setHeader('content-type', 'text/plain');
  lines.once('data', (line) => res.end(`now ${line}`));
  // Whoever asks for the price wants one, not the feed: but the pipe stays.
  lines.push('EURUSD 1.0000\n');
  lines.resume();
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
