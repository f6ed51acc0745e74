/**
 * A real Prometheus scrapes a leaking app and its healthy twin under the same load, for about two minutes: the alert fires
 * for the one and not for the other.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { expressionsOf, loadDashboard } from './expressions';
import { Prometheus, promtool, temporary, withoutPrometheus } from './prometheus';

const RATE = 500;
const BYTES = 2048;
/** Seconds in which the leak has to be called: it takes about 100, twice that on a machine that is busy. */
const LIMIT = 300;

const rules = readFileSync(join(__dirname, '../../docs/prometheus/alerts.yml'), 'utf8');

async function start(t: { after(fn: () => void): void }, kind: 'leaking' | 'healthy'): Promise<string> {
  const child = spawn(process.execPath, [join(__dirname, 'fixtures/app.mjs'), kind], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return new URL(line).origin;
}

function load(t: { after(fn: () => void): void }, origin: string): void {
  const run = autocannon(
    { url: `${origin}/work`, connections: 10, overallRate: RATE, duration: 2 * LIMIT },
    () => {},
  );
  t.after(() => run.stop());
}

test('the leak alert fires for a leaking app and no alert for its healthy twin', {
  skip: withoutPrometheus,
  timeout: 2 * LIMIT * 1000,
}, async (t) => {
  const folder = temporary(t);
  const origins = { leaking: await start(t, 'leaking'), healthy: await start(t, 'healthy') };
  for (const origin of Object.values(origins)) load(t, origin);
  const targets = Object.fromEntries(
    Object.entries(origins).map(([job, origin]) => [job, new URL(origin).host]),
  );
  // The same rules, without the waiting that is for production.
  const impatient = rules.replace(/^( +for:) .*$/gm, '$1 2s');
  assert.notEqual(impatient, rules);
  const server = await Prometheus.start(folder, { targets, rules: impatient });
  t.after(() => server.stop());

  const end = performance.now() + LIMIT * 1000;
  const seen = new Set<string>();
  const firing = async () => {
    for (const { labels, state } of await server.alerts()) {
      if (state === 'firing') seen.add(`${labels.job}: ${labels.alertname} ${labels.place ?? ''}`.trim());
    }
    return [...seen];
  };
  while (!(await firing()).includes('leaking: PlateauMemoryLeak heap')) {
    assert.ok(performance.now() < end, `firing after ${LIMIT} s: ${[...seen].join(', ') || 'nothing'}`);
    await sleep(500);
  }

  const alert = (await server.alerts()).find(({ labels }) => labels.alertname === 'PlateauMemoryLeak');
  assert.match(
    alert?.annotations.description ?? '',
    /^Steady growth .* in thread main on .*: heap, .*B\/s\./,
  );
  const [perRequest = 0] = await server.query(
    'plateau_memory_request_slope_bytes{job="leaking",place="heap"}',
  );
  assert.ok(Math.abs(perRequest / BYTES - 1) < 0.25, `${perRequest} bytes per request`);
  assert.deepEqual(await server.query('plateau_memory_verdict{job="leaking",verdict="leak"}'), [1]);
  assert.deepEqual(await server.query('plateau_memory_verdict{job="healthy",verdict="leak"}'), [0]);
  assert.deepEqual(await server.query('min(min_over_time(up[5m]))'), [1], 'a scrape has failed');
  assert.deepEqual(
    [...seen].filter((each) => each.startsWith('healthy')),
    [],
  );
  // What the dashboard asks for is there, but for what these apps do not have.
  for (const expression of expressionsOf(loadDashboard())) {
    if (/listener_site|scope_site|cgroup/.test(expression)) continue;
    assert.ok((await server.query(expression)).length > 0, `nothing for ${expression}`);
  }
  for (const origin of Object.values(origins)) {
    promtool(['check', 'metrics'], await (await fetch(`${origin}/metrics`)).text());
  }
});
