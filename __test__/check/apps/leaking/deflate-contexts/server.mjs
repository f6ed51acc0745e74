import { createServer } from 'node:http';
import { encoderFor } from './encoders.mjs';

let exported = 0;

const server = createServer((_req, res) => {
  const id = ++exported;
  const encoder = encoderFor(id);
  encoder.once('data', (bytes) => res.end(bytes));
  encoder.write(JSON.stringify({ id, cells: Array.from({ length: 50 }, (_, i) => i * id) }));
  // Flushed, so that the client has all of it, but never ended.
  encoder.flush();
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
