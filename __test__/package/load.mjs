// Copied into an empty project that has plateau installed from its tarballs, and run there by every runtime
// (scripts/pack-smoke.mjs). It may use nothing but Node's own modules and plateau.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import * as plateau from 'plateau';
import * as forExpress from 'plateau/express';
import * as forFastify from 'plateau/fastify';
import * as keyv from 'plateau/keyv';
import * as compat from 'plateau/lru-cache';
import * as otel from 'plateau/otel';
import * as prometheus from 'plateau/prometheus';
import * as rateLimit from 'plateau/rate-limit';

const require = createRequire(import.meta.url);
assert.equal(plateau.version, require('plateau/package.json').version);
assert.ok(!('default' in plateau));
const { sampler } = await import('plateau/register');
assert.equal(sampler, plateau.startMemorySampler());
assert.equal(sampler.verdict().verdict, 'not-enough-data');
sampler.stop();
assert.equal(plateau.memorySampler(), undefined);
sameNames(plateau, require('plateau'));
sameNames(compat, require('plateau/lru-cache'));
sameNames(forExpress, require('plateau/express'));
sameNames(forFastify, require('plateau/fastify'));
sameNames(otel, require('plateau/otel'));
sameNames(prometheus, require('plateau/prometheus'));
sameNames(keyv, require('plateau/keyv'));
sameNames(rateLimit, require('plateau/rate-limit'));
// Its class is one of express-session's, which is not installed here: it names what is lacking.
assert.throws(() => require('plateau/express-session'), /express-session/);
assert.throws(() => require('plateau/testing'), 'internals must not be reachable');
await works();
await adapts();
ends();

/** However a name is imported it is the same object: one class, one registry of caches per process. */
function sameNames(imported, required) {
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
  for (const name of Object.keys(imported)) assert.equal(imported[name], required[name], name);
}

/** The native half does its work here too: growth, eviction plans, the clock, expiry without a read. */
async function works() {
  for (const policy of ['lru', 's3-fifo']) {
    let removed = 0;
    const onRemove = () => {
      removed++;
    };
    const cache = new plateau.BoundedCache({
      maxEntries: 5000,
      ttl: 1000,
      ttlResolution: 20,
      policy,
      onRemove,
    });
    for (let i = 0; i < 20_000; i++) cache.set(`user:${i}`, i);
    assert.equal(cache.size, 5000);
    assert.equal(removed, 15_000);
    if (policy === 'lru') assert.equal(cache.peek('user:0'), undefined);
    for (let waited = 0; cache.size > 0 && waited < 10_000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(cache.size, 0);
    assert.equal(removed, 20_000);
    assert.equal(await cache.getOrLoad('key', async () => 'value'), 'value');
  }
  const lru = new compat.LRUCache({ max: 2 });
  lru.set('a', 1).set('b', 2);
  lru.get('a');
  lru.set('c', 3);
  assert.deepEqual([...lru.keys()], ['c', 'a']);
}

/** The adapters, which lean on the addon's shared store and on no other package. */
async function adapts() {
  const cache = new plateau.SharedCache({ name: 'adapted', maxBytes: 2 ** 20 });
  const [a, b] = ['a', 'b'].map((namespace) => new keyv.KeyvStore(cache, { namespace }));
  await a.set('key', 'value', 60_000);
  await b.set('key', 'other');
  await a.clear();
  assert.deepEqual([await a.get('key'), await b.get('key')], [undefined, 'other']);
  cache.close();
  const limits = new rateLimit.SharedRateLimitStore({ name: 'limits', maxBytes: 2 ** 20 });
  limits.increment('client');
  limits.decrement('client');
  assert.equal(limits.increment('client').totalHits, 1);
  limits.shutdown();
}

/** Lifetimes and the ledger, which lean on what each runtime's emitters and stacks do. */
function ends() {
  const bus = new EventEmitter();
  const controller = new AbortController();
  plateau.trackListeners(bus, { until: controller.signal, name: 'bus' }).on('x', () => {});
  plateau.createScope({ until: controller.signal }).on(bus, 'y', () => {});
  assert.equal(bus.listenerCount('x') + bus.listenerCount('y'), 2);
  const site = plateau.listenerReport().sites.find(({ event }) => event === 'x');
  assert.equal(site?.live, 1);
  assert.match(site.site, /load\.mjs:\d+/);
  controller.abort();
  assert.equal(bus.listenerCount('x') + bus.listenerCount('y'), 0);
  const log = new plateau.BoundedLog(2);
  for (const record of [1, 2, 3]) log.push(record);
  assert.deepEqual([...log], [2, 3]);
  const weak = new plateau.WeakCache();
  const value = {};
  weak.set('key', value);
  assert.equal(weak.get('key'), value);
}
