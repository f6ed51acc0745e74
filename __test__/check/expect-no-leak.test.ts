/** `expectNoLeak`, and with it that plateau's own features leave nothing behind. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import express from 'express';
import {
  BoundedCache,
  BoundedLog,
  createScope,
  SharedCache,
  startMemorySampler,
  trackListeners,
  WeakCache,
  waitForEvent,
} from 'plateau';
import { expectNoLeak, type LeakError } from 'plateau/test';

/** Few calls, so that all of it takes seconds. */
const FEW = { iterations: 400, warmup: 150 };

async function leakOf(fn: (iteration: number) => unknown, name?: string): Promise<LeakError> {
  const error = await expectNoLeak(fn, { ...FEW, ...(name === undefined ? {} : { name }) }).then(
    () => assert.fail('it was not found to leak'),
    (reason: LeakError) => reason,
  );
  assert.equal(error.name, 'AssertionError');
  return error;
}

test('instances in a Map: the class, what holds it and the line are in the message', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('plateau-test-'));
  class Session {
    notes = new Array(20).fill('note');
  }
  const sessions = new Map<string, Session>();
  const error = await leakOf((i) => sessions.set(`session ${sessions.size} ${i}`, new Session()), 'log in');
  assert.match(
    error.message,
    /^log in leaks: \d+ B of JavaScript objects of each call stay \(95 %: \d+ B to \d+ B; 32 B allowed\)/,
  );
  assert.match(error.message, /Session/);
  assert.match(error.message, /sessions \(Map\)/);
  assert.match(error.message, /__test__\/check\/expect-no-leak\.test\.ts:\d+/);
  assert.ok(error.perIteration > 200 && error.findings.length > 0);
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith('plateau-test-') && !before.includes(name)),
    [],
    'snapshots are left',
  );
});

test('listeners that stay on an emitter', async () => {
  const bus = new EventEmitter().setMaxListeners(0);
  const error = await leakOf(async function subscribe() {
    const name = 'x'.repeat(100);
    bus.on('news', () => name.length);
  });
  assert.match(error.message, /^subscribe leaks/);
  assert.equal(error.findings[0]?.pattern, 'listeners');
});

test('what is kept by the number of the call', async () => {
  const kept = new Map<number, object>();
  const error = await leakOf((i) => kept.set(i, { i, notes: new Array(20).fill('note') }));
  assert.match(error.message, /kept \(Map\)/);
});

test('what V8 notes of code that is still new to it is no leak', async () => {
  // A framework's code: with a few calls of it, V8's own part of the heap grows by a hundred bytes per call.
  const app = express();
  app.get('/:id', (req, res) => void res.json({ id: req.params.id }));
  const server = createServer(app);
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await expectNoLeak(
      async (i) => {
        const [response] = await once(get({ host: '127.0.0.1', port, path: `/${i}`, agent }), 'response');
        for await (const _part of response);
      },
      { name: 'a request' },
    );
  } finally {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  }
});

test('what the function throws is what it rejects with', async () => {
  const mine = new Error('mine');
  await assert.rejects(
    expectNoLeak(() => Promise.reject(mine)),
    mine,
  );
});

test('bad options', async () => {
  const refuses = (options: object, code: string) =>
    assert.rejects(
      expectNoLeak(() => {}, options),
      { code },
    );
  await assert.rejects(expectNoLeak(3 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  await refuses({ iterations: 0 }, 'PLATEAU_OUT_OF_RANGE');
  await refuses({ budget: '5' }, 'PLATEAU_INVALID_OPTION');
  await refuses({ iteration: 5 }, 'PLATEAU_INVALID_OPTION');
  const slow = () => new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(expectNoLeak(slow, { timeout: 100 }), {
    code: 'PLATEAU_UNCLEAR',
    message: /longer than the timeout/,
  });
});

const features: Record<string, (iteration: number) => unknown> = {
  BoundedCache() {
    const cache = new BoundedCache<string, object>({ maxEntries: 20, ttl: 1000 });
    for (let i = 0; i < 50; i++) cache.set(`key ${i}`, { i });
    cache.clear();
  },
  async 'BoundedCache.getOrLoad'(i) {
    await shared.getOrLoad(`key ${i % 300}`, async (key: string) => ({ key }));
  },
  WeakCache(i) {
    weak.set(`key ${i}`, { i });
  },
  BoundedLog(i) {
    log.push({ i, text: `line ${i}` });
  },
  async scope() {
    const scope = createScope({ name: 'test' });
    scope.setInterval(() => {}, 1000);
    scope.on(bus, 'news', () => {});
    await scope.dispose();
  },
  trackListeners() {
    const emitter = new EventEmitter();
    trackListeners(emitter).on('a', () => {});
  },
  async waitForEvent() {
    const emitter = new EventEmitter();
    const waiting = waitForEvent(emitter, 'done');
    emitter.emit('done');
    await waiting;
  },
  SharedCache(i) {
    bytes.set(`key ${i % 500}`, { i, text: 'x'.repeat(100) });
    bytes.get(`key ${(i * 7) % 500}`);
  },
};

const bus = new EventEmitter();
const shared = new BoundedCache<string, object>({ maxEntries: 100 });
const weak = new WeakCache<string, object>();
const log = new BoundedLog<object>({ maxEntries: 50 });
const bytes = new SharedCache<object>({ name: 'expect-no-leak', maxBytes: 2 ** 20, codec: 'json' });

for (const [name, use] of Object.entries(features)) {
  test(`${name} leaves nothing behind`, async () => {
    await expectNoLeak(use, { name, iterations: 2000, warmup: 1000 });
  });
}

test('a memory sampler that is started and stopped leaves nothing behind', async () => {
  await expectNoLeak(() => startMemorySampler().stop(), { iterations: 200, budget: 200 });
});
