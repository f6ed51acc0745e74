import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** `work`, or an error if it takes too long. Both promises are this call's own, and go with it. */
async function within(milliseconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const server = createServer(async (_req, res) => {
  const answer = await within(60_000, delay(1, { rows: new Array(80).fill(7) }));
  res.end(JSON.stringify(answer));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
