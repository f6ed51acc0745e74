import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { live, plateau, postmortem } from './box';

interface Isolate {
  pid: number;
  thread: number;
  verdict: { verdict: string; place: string | null } | null;
}

/** Far more than it takes on a busy machine. */
const PATIENCE = 300_000;

/** Whom the dashboard of a process beside them accuses. */
function dashboardAccuses(folder: string): unknown[] {
  const script = join(__dirname, 'fixtures/dashboard.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script, folder, '4'], {
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stderr, '');
  const isolates = JSON.parse(stdout) as { pid: number; thread: number; verdict: string; place?: string }[];
  return isolates
    .filter(({ verdict }) => verdict === 'leak')
    .map(({ pid, thread, place }) => [`${pid} ${thread}`, place]);
}

/** Runs four members of which one leaks, and waits until `top` calls one. */
async function oneLeaks(t: TestContext, way: 'cluster' | 'threads'): Promise<void> {
  let leaking = '';
  const life = live(t, way, { program: 'one-leaks' });
  life.child.stdout?.on('data', (text: string) => {
    leaking = /leaking (\d+ \d+)/.exec(text)?.[1] ?? leaking;
  });
  await life.prints('ready');
  const end = performance.now() + PATIENCE;
  let isolates: Isolate[] = [];
  const accused = (): Isolate[] => isolates.filter(({ verdict }) => verdict?.verdict === 'leak');
  while (accused().length === 0) {
    assert.ok(performance.now() < end, `no leak was called: ${JSON.stringify(isolates)}`);
    await sleep(2_000);
    const { stdout } = plateau('top', '--json', life.folder);
    isolates = (JSON.parse(stdout) as { isolates: Isolate[] }).isolates;
  }
  assert.deepEqual(
    accused().map(({ pid, thread, verdict }) => [`${pid} ${thread}`, verdict?.place]),
    [[leaking, 'heap']],
  );
  assert.equal(isolates.length, 4);
  // It stands at the top, and is marked.
  const name = leaking.replace(/ 0$/, '').replace(' ', '/');
  assert.match(
    plateau('top', '--once', life.folder).stdout,
    new RegExp(`^ *!! +${name} .*leak \\(heap\\)`, 'm'),
  );
  assert.deepEqual(dashboardAccuses(life.folder), [[leaking, 'heap']]);

  const pids = new Set(isolates.map(({ pid }) => pid));
  for (const pid of [life.child.pid ?? 0, ...pids]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The primary may have ended the others, or they themselves.
    }
  }
  await life.ended;
  await sleep(500);
  const { processes, running } = postmortem(life.folder);
  assert.equal(running, 0);
  // About eight kilobytes a hundred times a second.
  const grown = processes.filter(({ growth }) =>
    growth.some(({ place, perSecond }) => place === 'heap' && perSecond > 200_000 && perSecond < 1_600_000),
  );
  assert.deepEqual(
    grown.map(({ pid, thread }) => `${pid} ${thread}`),
    [leaking],
  );
}

suite('one of four leaks, and top, the dashboard and the post-mortem name it', { concurrency: true }, () => {
  test('a worker of a cluster', (t) => oneLeaks(t, 'cluster'));
  test('a worker thread', (t) => oneLeaks(t, 'threads'));
});
