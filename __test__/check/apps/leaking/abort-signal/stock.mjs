import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

const warehouses = ['north', 'south', 'harbour'];

/** Asks each warehouse, unless the service is stopping. */
export async function stockOf(sku, signal) {
  setMaxListeners(0, signal);
  const answers = warehouses.map((name) => ({ name, sku, pieces: (sku.length * 7 + name.length) % 30 }));
  let stopped = false;
  /* leak */ signal.addEventListener('abort', () => {
    stopped = true;
    answers.length = 0;
  });
  for (const answer of answers) {
    if (stopped) break;
    await turn();
    answer.checkedAt = Date.now();
  }
  return answers.map(({ name, pieces }) => ({ name, pieces }));
}
