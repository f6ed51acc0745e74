/** Processes that record into one folder are seen by each other's dashboards, and by `plateau watch`. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMemorySampler } from 'plateau';
import { type DashboardState, dashboard } from 'plateau/express';
import { serve } from '../log/fixtures/server';
import { runWatch } from './fixtures/watch';

suite('in one folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-dashboard-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const sampler = startMemorySampler({ recorder: folder });
  after(() => sampler.stop());

  async function another(t: TestContext): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(__dirname, 'fixtures/recording.mjs'), folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => void child.kill('SIGKILL'));
    await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
    return child;
  }

  test('each is listed while it records, with figures of its own, and no longer when it has ended', async (t) => {
    const child = await another(t);
    const port = await serve(t, dashboard({ authorize: () => true }));
    const isolates = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/memory.json`);
      return ((await response.json()) as DashboardState).isolates;
    };
    const found = async () => (await isolates()).find(({ pid }) => pid === child.pid);
    let other = await found();
    for (; other === undefined; other = await found()) await sleep(100);
    assert.deepEqual([other.thread, other.self, other.running], [0, false, true]);
    assert.equal(other.verdict, 'not-enough-data');
    assert.ok(other.rss > 1e7 && Math.abs(Date.now() - other.at) < 60_000);
    const all = await isolates();
    assert.equal(all.filter(({ pid }) => pid === process.pid).length, 1, 'this one is listed once');
    assert.equal(all[0]?.self, true);
    child.stdin?.end();
    await once(child, 'exit');
    while ((await found()) !== undefined) await sleep(100);
  });

  test('plateau watch shows them by their folder, and by one of them', async (t) => {
    const child = await another(t);
    for (const where of process.platform === 'linux' ? [folder, String(child.pid)] : [folder]) {
      const text = runWatch(t, where, '--once');
      assert.equal(await text.code, 0, text.err);
      for (const pid of [process.pid, child.pid]) assert.match(text.out, new RegExp(`\\b${pid}\\b`), where);
      const json = runWatch(t, where, '--json');
      assert.equal(await json.code, 0, json.err);
      const { isolates } = JSON.parse(json.out) as { isolates: { pid: number }[] };
      assert.deepEqual(isolates.map(({ pid }) => pid).sort(), [process.pid, child.pid].sort());
    }
    const nobody = runWatch(t, '99999999');
    assert.equal(await nobody.code, 2);
    assert.match(nobody.err, /process 99999999 cannot be looked at/);
  });
});
