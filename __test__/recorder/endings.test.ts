import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Life, live, only, postmortem } from './box';

const windows = process.platform === 'win32';
const posix = { skip: windows && 'there are no signals on Windows' };
const linux = { skip: process.platform !== 'linux' && 'limits of the address space are those of Linux' };

async function signalled({ child, ended, prints }: Life, signal: NodeJS.Signals, line = 'ready') {
  await prints('ready');
  await prints(line);
  child.kill(signal);
  return ended;
}
/** The folder of a control group with a memory limit of at most 200 MB, version 1 or 2, that a child may be moved into. */
const group = process.env.PLATEAU_TEST_CGROUP;

suite('a post-mortem tells how the program ended:', { concurrency: 2 }, () => {
  test('killed by SIGKILL, with a sample of its last two seconds', posix, async (t) => {
    const life = live(t, 'waits');
    const { signal, at } = await signalled(life, 'SIGKILL');
    assert.equal(signal, 'SIGKILL');
    const { ending, samples } = only(life.folder);
    assert.equal(ending.kind, 'killed');
    assert.ok(samples.count >= 1);
    assert.ok(at - samples.heartbeat <= 2000, `the last sample is ${at - samples.heartbeat} ms old`);
  });

  test(
    'killed after its event loop was blocked for ten seconds, with samples of all of them',
    posix,
    async (t) => {
      const life = live(t, 'blocks its event loop');
      await life.prints('blocked');
      await sleep(10_000);
      life.child.kill('SIGKILL');
      const { at } = await life.ended;
      const { ending, samples } = only(life.folder);
      assert.equal(ending.kind, 'killed');
      assert.ok(at - samples.heartbeat <= 2000, `the last sample is ${at - samples.heartbeat} ms old`);
      assert.ok(samples.count >= 9, `${samples.count} samples`);
    },
  );

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSEGV', 'SIGUSR2'] as const) {
    test(`by ${signal}, which ends it as it would without a recorder`, posix, async (t) => {
      const life = live(t, 'waits');
      assert.deepEqual({ ...(await signalled(life, signal)), at: 0 }, { code: null, signal, at: 0 });
      const { ending } = only(life.folder);
      assert.deepEqual([ending.kind, ending.signal], ['signal', signal]);
    });
  }

  for (const way of ['handles SIGTERM', 'handles SIGTERM from the start']) {
    test(`by its own exit, when it ${way}`, posix, async (t) => {
      const life = live(t, way);
      assert.equal((await signalled(life, 'SIGTERM')).code, 0);
      const { ending } = only(life.folder);
      assert.deepEqual([ending.kind, ending.code], ['exit', 0]);
    });
  }

  test('by SIGTERM, when it handles that no more', posix, async (t) => {
    const life = live(t, 'handles SIGTERM no more');
    assert.equal((await signalled(life, 'SIGTERM', 'removed')).signal, 'SIGTERM');
    assert.deepEqual(only(life.folder).ending.signal, 'SIGTERM');
  });

  test('by SIGKILL, when it had handled a SIGTERM and gone on', posix, async (t) => {
    const life = live(t, 'handles SIGTERM and goes on');
    await life.prints('ready');
    life.child.kill('SIGTERM');
    await life.prints('handled');
    life.child.kill('SIGKILL');
    await life.ended;
    assert.equal(only(life.folder).ending.kind, 'killed');
  });

  test('by SIGKILL, whatever ended a child of it', posix, async (t) => {
    const life = live(t, 'has a child that is killed');
    await signalled(life, 'SIGKILL', 'child SIGTERM');
    const { ending, signalsSeen } = only(life.folder);
    assert.deepEqual([ending.kind, signalsSeen], ['killed', []]);
  });

  test('by process.exit, with the code', async (t) => {
    const life = live(t, 'exits');
    assert.equal((await life.ended).code, 3);
    const { ending } = only(life.folder);
    assert.deepEqual([ending.kind, ending.code], ['exit', 3]);
  });

  test('by itself, when nothing was left to do', async (t) => {
    const life = live(t, 'ends by itself');
    assert.equal((await life.ended).code, 0);
    const { ending } = only(life.folder);
    assert.deepEqual([ending.kind, ending.code], ['exit', 0]);
  });

  for (const [way, message] of [
    ['throws', '<img src=x onerror=alert(1)>'],
    ['rejects', 'rejected'],
  ] as const) {
    test(`by an error that nobody caught, when it ${way}`, async (t) => {
      const life = live(t, way);
      assert.equal((await life.ended).code, 1);
      const { ending } = only(life.folder);
      assert.deepEqual([ending.kind, ending.code], ['uncaught-error', 1]);
      assert.ok(ending.why.includes(message), ending.why);
      assert.ok(ending.error?.includes('die.mjs'), ending.error ?? '');
    });
  }

  test('by its exit, when it had survived an error before', async (t) => {
    const life = live(t, 'survives a throw');
    assert.equal((await life.ended).code, 0);
    assert.equal(only(life.folder).ending.kind, 'exit');
  });

  test('by process.abort, which is no lack of memory', posix, async (t) => {
    const life = live(t, 'aborts');
    assert.equal((await life.ended).signal, 'SIGABRT');
    const { ending } = only(life.folder);
    assert.deepEqual([ending.kind, ending.signal], ['signal', 'SIGABRT']);
  });

  for (const way of ['fills its heap slowly', 'fills its heap at once']) {
    test(`by V8, when it ${way}`, posix, async (t) => {
      const life = live(t, way, { node: ['--max-old-space-size=32'] });
      assert.equal((await life.ended).signal, 'SIGABRT');
      assert.equal(only(life.folder).ending.kind, 'heap-limit');
    });
  }

  test('by V8, for a worker that fills its heap, and not for the process around it', posix, async (t) => {
    const life = live(t, 'has a worker that fills its heap');
    await life.prints('ERR_WORKER_OUT_OF_MEMORY');
    life.child.kill('SIGTERM');
    await life.ended;
    assert.deepEqual(
      postmortem(life.folder).processes.map(({ ending }) => ending.kind),
      ['signal', 'heap-limit'],
    );
  });

  test('by the limit of its address space', linux, async (t) => {
    const life = live(t, 'fills its heap slowly', { shell: 'ulimit -v 1400000' });
    const { signal } = await life.ended;
    assert.ok(signal !== null && signal !== 'SIGKILL', String(signal));
    const { ending, samples } = only(life.folder);
    assert.equal(ending.kind, 'address-space-limit', ending.why);
    assert.ok(ending.at - samples.heartbeat <= 2000);
  });

  test('by the memory limit of its control group', {
    skip: group === undefined && 'PLATEAU_TEST_CGROUP names no control group',
  }, async (t) => {
    const life = live(t, 'fills its heap slowly', { shell: `echo $$ > '${group}/cgroup.procs'` });
    assert.equal((await life.ended).signal, 'SIGKILL');
    const { ending } = only(life.folder);
    assert.equal(ending.kind, 'cgroup-limit', ending.why);
  });

  test('not, when only its sampler was stopped', async (t) => {
    const life = live(t, 'stops its sampler');
    await life.prints('ready');
    await sleep(1000);
    assert.equal(only(life.folder).ending.kind, 'stopped');
    life.child.kill('SIGKILL');
    await life.ended;
    assert.equal(only(life.folder).ending.kind, 'stopped');
  });
});

test('a program that lives is running; its threads have black boxes of their own', async (t) => {
  const life = live(t, 'has a worker');
  await life.prints('worker');
  assert.deepEqual(
    { ...postmortem(life.folder), more: undefined },
    {
      version: 1,
      processes: [],
      running: 2,
      more: undefined,
      unreadable: [],
    },
  );
  life.child.kill('SIGKILL');
  await life.ended;
  const { processes, running } = postmortem(life.folder);
  assert.equal(running, 0);
  assert.deepEqual(
    processes.map(({ pid, thread, ending }) => [pid, thread > 0, ending.kind]),
    [
      [life.child.pid, false, windows ? 'unknown' : 'killed'],
      [life.child.pid, true, windows ? 'unknown' : 'killed'],
    ],
  );
});
