/** What is not acceptable is a coded error that names it, shows what was given, and has changed nothing. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BoundedCache, TieredCache, type TieredCacheOptions } from 'plateau';
import { instance, newNamespace } from './fixtures/caches';
import { connectClient } from './fixtures/clients';
import { RedisServer, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
let client: object;
let close: () => unknown;

before(async () => {
  if (withoutRedis) return;
  server = await RedisServer.start();
  ({ client, close } = await connectClient('redis', [server.port]));
});
after(async () => {
  await close?.();
  await server?.stop();
});

const trap = (): never => {
  throw new Error('a value was asked to describe itself');
};
const hostile = { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap };
const strange = [null, true, 5n, Symbol('s'), hostile, [], new Map(), new Proxy({}, {})];
const notNumbers = [...strange, '5', '5m', () => 5];
const YEAR = 365 * 24 * 3_600_000;

/** For each option: what is of the wrong type, and what is out of range. */
const BAD: Record<string, { type?: unknown[]; range?: unknown[] }> = {
  local: { type: [undefined, ...strange, 5, 'x', {}, { get() {}, set() {} }, () => {}] },
  remote: {
    type: [
      ...[undefined, ...strange, 5, 'redis://localhost', {}, () => {}],
      // Of node-redis 4, and something that is a client of neither.
      { sendCommand() {}, duplicate() {}, on() {}, isOpen: true, disconnect() {} },
      { call() {}, duplicate() {}, on() {}, disconnect() {} },
    ],
  },
  ttl: { type: [undefined, ...notNumbers], range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, YEAR + 1] },
  localTtl: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY] },
  ttlJitter: { type: notNumbers, range: [-0.1, 1.1, Number.NaN] },
  namespace: { type: [...strange, 5, '', 'a b', 'a{b}', 'ä', 'x'.repeat(65), '*', 'a\nb'] },
  prefix: { type: [...strange, 5, '', 'a b', '{x}', 'x'.repeat(65)] },
  maxKeyBytes: { type: notNumbers, range: [0, -1, 1.5, Number.NaN, 2 ** 30] },
  codec: { type: [...strange, 5, 'yaml', {}, { encode() {} }, { decode() {} }] },
  coherence: { type: [...strange, 5, 'both', true] },
  maxStaleOnDisconnect: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31] },
  staleWhileRevalidate: { type: notNumbers, range: [-1, Number.NaN, Number.POSITIVE_INFINITY, YEAR + 1] },
  staleIfError: { type: notNumbers, range: [-1, Number.NaN, Number.POSITIVE_INFINITY, YEAR + 1] },
  earlyRefresh: { type: notNumbers, range: [-1, Number.NaN, 1001] },
  remoteTimeout: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31] },
  loadTimeout: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31] },
  lockTtl: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY] },
  lockWait: { type: notNumbers, range: [-1, Number.NaN, Number.POSITIVE_INFINITY] },
  maxLoads: { type: notNumbers, range: [0, -1, 1.5, Number.NaN] },
  maxCommands: { type: notNumbers, range: [0, -1, 1.5, Number.NaN] },
  maxKeysPerTag: { type: notNumbers, range: [0, -1, 1.5, Number.NaN, 1e9] },
  breakerThreshold: { type: notNumbers, range: [0, -1, 1.5, Number.NaN] },
  breakerCooldown: { type: notNumbers, range: [0, -1, Number.NaN, Number.POSITIVE_INFINITY] },
  trustAfterRestart: { type: [null, 5, 'yes', {}, () => {}] },
  onError: { type: [null, 5, 'x', {}, true] },
};

const make = (own: object): TieredCache =>
  new TieredCache({
    local: new BoundedCache({ maxEntries: 10 }),
    remote: client,
    ttl: 1000,
    ...own,
  } as TieredCacheOptions<unknown>);

for (const [name, { type = [], range = [] }] of Object.entries(BAD)) {
  test(`${name} is checked`, options, () => {
    for (const value of type) {
      assert.throws(() => make({ [name]: value }), {
        name: 'TypeError',
        code: 'PLATEAU_INVALID_OPTION',
        message: new RegExp(`^${name} must be `),
      });
    }
    for (const value of range) {
      assert.throws(() => make({ [name]: value }), {
        name: 'RangeError',
        code: 'PLATEAU_OUT_OF_RANGE',
        message: new RegExp(`^${name} must be .*, got `),
      });
    }
  });
}

test('the options are an object, with no other names', options, () => {
  for (const value of [undefined, null, 5, 'x', [], () => {}]) {
    assert.throws(() => new TieredCache(value as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
  assert.throws(() => make({ maxStale: 5 }), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /there is no option "maxStale"; the options are local, remote, ttl/,
  });
});

test('tracking cannot be demanded of a client that does not offer it', options, async (t) => {
  const { client: io, close } = await connectClient('ioredis', [server.port]);
  t.after(close);
  assert.throws(() => make({ remote: io, coherence: 'tracking' }), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /^coherence must be 'auto' or 'pubsub' with a client of ioredis, got "tracking"/,
  });
});

test('keys, tags, values, loaders and call options are checked', options, async (t) => {
  const { cache } = await instance(t, server, { namespace: newNamespace(), maxKeyBytes: 10 });
  const any = cache as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const rejects = async (call: () => unknown, code: string, message: RegExp): Promise<void> => {
    await assert.rejects(async () => call(), { code, message });
  };
  const argument = 'PLATEAU_INVALID_ARGUMENT';
  const option = 'PLATEAU_INVALID_OPTION';
  const range = 'PLATEAU_OUT_OF_RANGE';
  for (const method of ['get', 'has', 'delete', 'remainingTtl', 'set', 'getOrLoad']) {
    for (const key of [undefined, 5, ...strange]) {
      await rejects(() => any[method]?.(key, 1), argument, /^key must be a string of 1 to 10 bytes, got /);
    }
    for (const key of ['', 'x'.repeat(11), 'ä'.repeat(6)]) {
      await rejects(() => any[method]?.(key, 1), range, /^key must be a string of 1 to 10 bytes, got /);
    }
  }
  for (const tag of [undefined, 5, null])
    await rejects(() => any.deleteByTag?.(tag), argument, /^tag must be /);
  await rejects(() => any.deleteByTag?.(''), range, /^tag must be /);
  await rejects(() => any.set?.('key', undefined), argument, /^value must be anything but undefined/);
  await rejects(() => any.set?.('key', 1, 5), argument, /^options must be an object/);
  await rejects(() => any.set?.('key', 1, { size: 5 }), option, /there is no option "size"/);
  for (const ttl of notNumbers) await rejects(() => any.set?.('key', 1, { ttl }), option, /^ttl must be /);
  for (const ttl of [0, -1, Number.POSITIVE_INFINITY]) {
    await rejects(() => any.set?.('key', 1, { ttl }), range, /^ttl must be /);
  }
  for (const tags of ['tag', 5, {}, null])
    await rejects(() => any.set?.('key', 1, { tags }), option, /^tags must be /);
  await rejects(() => any.set?.('key', 1, { tags: new Array(17).fill('x') }), range, /^tags must be /);
  await rejects(() => any.set?.('key', 1, { tags: [5] }), argument, /^each of the tags must be /);
  for (const keys of [undefined, null, 5, 'key', {}]) {
    await rejects(() => any.getMany?.(keys), argument, /^keys must be an iterable/);
    await rejects(() => any.setMany?.(keys), argument, /^entries must be an iterable/);
  }
  await rejects(() => any.getMany?.(['key', 5]), argument, /^key must be /);
  await rejects(() => any.setMany?.([5]), argument, /^each of the entries must be an array/);
  await rejects(() => any.setMany?.([['key', 1], ['key']]), argument, /^value must be /);
  assert.equal(await cache.get('key'), undefined, 'nothing has been set');
  for (const loader of [undefined, null, 5, {}, 'x']) {
    await rejects(() => any.getOrLoad?.('key', loader), argument, /^loader must be a function/);
    assert.throws(() => any.wrap?.(loader), { code: argument, message: /^fn must be a function/ });
  }
  assert.throws(() => any.wrap?.(() => 1, 5), { code: argument, message: /^keyOf must be a function/ });
  const load = (own: object) => () => any.getOrLoad?.('key', () => 1, own);
  await rejects(load({ signal: {} }), option, /^signal must be an AbortSignal/);
  await rejects(load({ timeout: '5' }), option, /^timeout must be /);
  await rejects(load({ timeout: 0 }), range, /^timeout must be /);
  await rejects(load({ staleIfError: -1 }), range, /^staleIfError must be /);
  await rejects(load({ staleWhileRevalidate: 'x' }), option, /^staleWhileRevalidate must be /);
  await rejects(load({ earlyRefresh: 'x' }), option, /^earlyRefresh must be /);
  await rejects(load({ negativeTtl: 5 }), option, /there is no option "negativeTtl"/);
});
