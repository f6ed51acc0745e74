import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Feed } from './subscribe';

const REQUESTS = 20_001;
const NOTHING = { listeners: 0, timers: 0, descriptors: 0, scopes: 0 };

/** Responses end, and files close, a little after their clients have gone. */
async function settled(feed: Feed): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const { listeners, descriptors, scopes } = feed.held();
    if (listeners + descriptors + scopes === 0) return;
    await wait(10);
  }
}

test('20,000 subscriptions, a third aborted and a third failing in the middle, leave nothing', async (t) => {
  const feed = new Feed(true);
  await feed.start();
  const { timers } = feed.held();
  await feed.run(REQUESTS);
  await settled(feed);
  const third = REQUESTS / 3;
  assert.deepEqual(feed.outcomes, { whole: third, aborted: third, failed: third });
  const held = feed.held();
  t.diagnostic(JSON.stringify(held));
  await feed.stop();
  // The server and its connections have timers of their own, which are gone with them.
  assert.ok(held.timers <= timers + 200, `${held.timers} timers`);
  await wait(20);
  assert.deepEqual({ ...feed.held(), timers: 0 }, NOTHING);
  assert.equal(feed.held().timers, 0);
});

test('the same without scopes leaks all of it', async (t) => {
  const count = 600;
  const feed = new Feed(false);
  await feed.start();
  await feed.run(count);
  await wait(50);
  const held = feed.held();
  t.diagnostic(JSON.stringify(held));
  await feed.stop();
  assert.equal(held.listeners, count);
  assert.ok(held.timers >= 2 * count, `${held.timers} timers`);
  if (process.platform === 'linux') assert.equal(held.descriptors, count);
  assert.equal(feed.bus.listenerCount('event'), count);
});
