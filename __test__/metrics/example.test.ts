/** examples/metrics shows its metrics to those who may see them, and to nobody else. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';

/** Starts it, and returns the addresses that it prints. */
async function start(t: TestContext, addresses: number, env: Record<string, string>): Promise<URL[]> {
  const child = spawn(process.execPath, [join(__dirname, '../../examples/metrics/server.mjs')], {
    env: { ...process.env, NODE_OPTIONS: '', PORT: '0', METRICS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill());
  const found: URL[] = [];
  for await (const line of createInterface(child.stdout)) {
    found.push(new URL(line));
    if (found.length === addresses) break;
  }
  return found;
}

const find = (addresses: URL[], path: string) => addresses.find(({ pathname }) => pathname.startsWith(path));

test('with a token, /metrics of the app is for those who send it', async (t) => {
  const [app] = await start(t, 1, { METRICS_TOKEN: 'secret' });
  assert.ok(app);
  assert.equal(await (await fetch(app)).json(), 144);
  const metrics = new URL('/metrics', app);
  for (const authorization of [
    undefined,
    '',
    'Bearer ',
    'Bearer secre',
    'Bearer secret2',
    'secret',
    'Basic secret',
  ]) {
    const { status } = await fetch(metrics, {
      headers: authorization === undefined ? {} : { authorization },
    });
    assert.equal(status, 401, authorization);
  }
  const response = await fetch(metrics, { headers: { authorization: 'Bearer secret' } });
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.match(text, /^plateau_cache_entries\{thread="main",cache="squares"\} 1$/m);
  assert.match(text, /^process_cpu_seconds_total /m, 'beside the metrics that prom-client has itself');
});

test('without one, they are on a port of their own and not on that of the app', async (t) => {
  const addresses = await start(t, 2, { METRICS_TOKEN: '' });
  const [app, metrics] = [find(addresses, '/squares'), find(addresses, '/metrics')];
  assert.ok(app && metrics);
  assert.equal((await fetch(new URL('/metrics', app))).status, 404);
  assert.match(await (await fetch(metrics)).text(), /^plateau_build_info/m);
});
