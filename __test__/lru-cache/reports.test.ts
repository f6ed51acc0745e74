/** Where lru-cache reports: its diagnostics channels, its warning, its internals. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { test } from 'node:test';
import { LRUCache as Theirs } from 'lru-cache';
import { LRUCache } from 'plateau/lru-cache';

const root = join(__dirname, '../..');

/** The same program on either class; the messages it gives rise to. */
async function messagesOf(Cache: typeof Theirs): Promise<unknown[]> {
  const messages: unknown[] = [];
  const note = (kind: string) => (message: unknown) => {
    const { cache, ...rest } = message as LRUCache.Status<string, number>;
    messages.push([kind, (cache as unknown) === own, structuredClone(rest)]);
  };
  const metrics = note('metrics');
  const traces = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((name) => [name, note(name)]),
  ) as unknown as Parameters<ReturnType<typeof tracingChannel>['subscribe']>[0];
  let now = 1;
  const own = new Cache<string, number>({
    max: 2,
    ttl: 10,
    ttlResolution: 0,
    perf: { now: () => now },
    memoMethod: (key) => key.length,
    fetchMethod: async (key) => (key === 'fails' ? Promise.reject(new Error('down')) : key.length),
  });
  subscribe('lru-cache:metrics', metrics);
  tracingChannel('lru-cache').subscribe(traces);
  try {
    own.set('a', 1).set('b', 2, { ttl: 5 }).set('c', 3);
    own.get('a');
    own.get('c', { allowStale: true });
    own.has('b');
    own.peek('c');
    now = 20;
    own.get('b');
    own.has('c');
    own.memo('memo');
    own.memo('memo', { forceRefresh: true, context: 1 });
    own.delete('memo');
    own.delete('memo');
    await own.fetch('fetched');
    await own.fetch('fetched', { context: 2 });
    await own.forceFetch('fetched', { forceRefresh: true });
    await own.fetch('fails').catch(() => {});
    own.set('c', undefined);
    own.purgeStale();
    own.pop();
    own.clear();
    await new Promise(setImmediate);
  } finally {
    unsubscribe('lru-cache:metrics', metrics);
    tracingChannel('lru-cache').unsubscribe(traces);
  }
  return messages;
}

test('what subscribes to the channels of lru-cache hears the same of these caches', async () => {
  const theirs = await messagesOf(Theirs);
  assert.ok(theirs.length > 30);
  assert.deepEqual(await messagesOf(LRUCache as unknown as typeof Theirs), theirs);
});

/** What a program prints on stderr. */
function stderrOf(program: string, ...flags: string[]): string {
  const source = `const { LRUCache } = require('plateau/lru-cache'); ${program}`;
  const { stderr, status } = spawnSync(process.execPath, [...flags, '-e', source], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stderr;
}

test('a cache that nothing bounds is warned of, once', () => {
  const stderr = stderrOf('for (let i = 0; i < 3; i++) new LRUCache({ ttl: 5 });');
  assert.equal(
    stderr.match(/\[LRU_CACHE_UNBOUNDED\] UnboundedCacheWarning: TTL caching without/g)?.length,
    1,
  );
});

test('one with any bound is not', () => {
  const program = `
    new LRUCache({ max: 5 }); new LRUCache({ maxSize: 5, ttl: 5 }); new LRUCache({ ttl: 5, ttlAutopurge: true });
    new LRUCache({ max: 5, ttl: 5 });`;
  assert.equal(stderrOf(program), '');
});

test('the warning goes to the console where there is no other way', () => {
  const stderr = stderrOf('process.emitWarning = undefined; new LRUCache({ ttl: 5 });');
  assert.match(stderr, /^\[LRU_CACHE_UNBOUNDED\] UnboundedCacheWarning: TTL caching/);
});

test('a process ends at once though caches wait to purge', () => {
  stderrOf("new LRUCache({ ttl: 3600000, ttlAutopurge: true }).set('a', 1); process.on('exit', () => {});");
});

test('unsafeExposeInternals shows the present state in terms of lists', () => {
  const cache = new LRUCache<string, number>({ max: 3, maxSize: 30, ttl: 10, perf: { now: () => 5 } });
  const inside = LRUCache.unsafeExposeInternals(cache);
  const { keyList, valList, sizes } = inside;
  assert.deepEqual([...keyList], [undefined, undefined, undefined]);
  for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, i, { size: i + 1 });
  cache.get('b');
  assert.deepEqual([...keyList], ['a', 'b', 'c']);
  assert.deepEqual(valList, [0, 1, 2]);
  assert.deepEqual(sizes, [1, 2, 3]);
  assert.deepEqual([inside.head, inside.tail], [0, 1]);
  assert.deepEqual([...inside.indexes()], [1, 2, 0]);
  assert.deepEqual([...inside.rindexes()], [0, 2, 1]);
  assert.deepEqual([inside.next[0], inside.prev[1]], [2, 2]);
  assert.deepEqual(
    inside.keyMap,
    new Map([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]),
  );
  assert.deepEqual(
    [inside.starts, inside.ttls],
    [
      [5, 5, 5],
      [10, 10, 10],
    ],
  );
  inside.moveToTail(0);
  assert.deepEqual([...cache.keys()], ['a', 'b', 'c']);
  cache.delete('b');
  assert.deepEqual(inside.free, [1]);
  (inside.starts as number[])[0] = -20;
  assert.equal(inside.isStale(0), true);
  assert.equal(inside.isBackgroundFetch(Promise.resolve()), false);
  assert.equal(cache.get('a'), undefined);
});
