import { setTimeout as delay } from 'node:timers/promises';

// Settles when the service goes down, so as good as never.
/* leak */ const shutdown = new Promise((_, reject) => {
  process.once('SIGUSR2', () => reject(new Error('the service is going down')));
});
shutdown.catch(() => {});

async function load(sku) {
  await delay(1);
  /* leak */ return {
    sku,
    cents: 1_995,
    history: Array.from({ length: 30 }, (_, day) => ({ day, cents: 1_900 + day })),
  };
}

export async function priceOf(sku) {
  const { history, ...price } = await Promise.race([load(sku), shutdown]); // leak
  return { ...price, low: Math.min(...history.map(({ cents }) => cents)) };
}
