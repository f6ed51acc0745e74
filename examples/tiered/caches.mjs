/**
 * The caches of a thread: one SharedCache per process, whichever thread opens it, and the process's Redis behind it. The
 * thread has a client of its own, as it would have without plateau.
 */

import { SharedCache, TieredCache } from 'plateau';
import { createClient } from 'redis';

export async function openCaches() {
  const redis = await createClient({ url: process.env.REDIS_URL })
    .on('error', (error) => console.error(`redis: ${error.message}`))
    .connect();
  const pages = new SharedCache({ name: 'pages', maxBytes: 32 * 2 ** 20, codec: 'json' });
  /** @type {TieredCache<{ id: string, html: string, price: number }>} */
  const products = new TieredCache({ local: pages, remote: redis, namespace: 'shop', ttl: 60_000 });
  return { redis, pages, products };
}

/**
 * What a database would do: slow, and counted in Redis so that the example can tell how often it was asked.
 *
 * @param {Awaited<ReturnType<typeof openCaches>>['redis']} redis
 * @param {string} id
 */
export async function queryProduct(redis, id) {
  await redis.hIncrBy('example:queries', id, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const price = Number((await redis.hGet('example:prices', id)) ?? 100 + Number(id));
  return { id, price, html: `<h1>Product ${id}</h1>`.repeat(20) };
}
