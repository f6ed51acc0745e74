import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** The answers that are not sent yet, for the status page. */
const pending = new Map(); // leak
let uploads = 0;

const server = createServer(async (_req, res) => {
  const id = ++uploads;
  pending.set(id, res); // leak
  // Not emitted when the client has gone away: that is 'close'.
  res.on('finish', () => pending.delete(id));
  await delay(20);
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ id, pending: pending.size }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
