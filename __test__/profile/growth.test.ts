import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type GrowthProfile, profileGrowth } from 'plateau';

const fixture = join(__dirname, 'fixtures/program.cjs');
/** The line at which a function of the fixture begins. */
const LINES = { leakIntoMap: 11, leakClosure: 15 };

interface Task {
  names: string[];
  options?: object;
  worker?: boolean;
  filled?: boolean;
}

async function run(
  task: Task,
  flags: string[] = ['--no-turbo-inlining'],
): Promise<{ profile: GrowthProfile; text: string }> {
  const options = { duration: 1500, interval: 16_384, ...task.options };
  const args = [...flags, fixture, JSON.stringify({ ...task, options })];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** Of a function of the fixture. */
function row({ stacks }: GrowthProfile, name: string) {
  return stacks.find((stack) => stack.function === name);
}

/** A function leaves something of V8's own, such as the shape of its objects, and that once. */
function assertNoGrowth(profile: GrowthProfile, name: string): void {
  const { verdict, samples } = row(profile, name) ?? { verdict: 'none', samples: 0 };
  assert.notEqual(verdict, 'growing');
  assert.ok(samples < 6, `${samples} samples of ${name}`);
}

suite('a growth profile', { concurrency: 2 }, () => {
  test('has the function and the line first that fills a Map', async () => {
    const { profile, text } = await run({ names: ['leakIntoMap', 'churn'] });
    const [first] = profile.stacks;
    assert.ok(first !== undefined);
    assert.deepEqual(
      [first.function, first.line, first.file, first.verdict],
      ['leakIntoMap', LINES.leakIntoMap, fixture, 'growing'],
    );
    assert.match(first.place, /program\.cjs:11$/);
    assert.ok(first.share > 0.7, `share ${first.share}`);
    assert.deepEqual(first.frames[0]?.kind, 'program');
    assertNoGrowth(profile, 'churn');
    assert.match(text, /1 .* growing .*program\.cjs:11 leakIntoMap/);
    assert.match(text, /at leakIntoMap \(.*program\.cjs:11\)/);
  });

  test('has the function that makes closures which stay', async () => {
    const { profile } = await run({ names: ['leakClosure', 'churn'] });
    const [first] = profile.stacks;
    assert.deepEqual([first?.function, first?.line], ['leakClosure', LINES.leakClosure]);
    assert.equal(first?.verdict, 'growing');
  });

  test('tells bytes as they are', async () => {
    const { profile } = await run({
      names: ['leakIntoMap'],
      options: { gc: true, duration: 2000, interval: 4096 },
    });
    const { before, after } = profile.heap;
    const grown = after - (before ?? Number.NaN);
    // What the heap has grown by is leaked, half of it in the window; the table of the Map is in either half.
    const told = profile.bytes * (profile.duration / profile.window);
    assert.ok(Math.abs(told / grown - 1) < 0.35, `told ${told}, grown ${grown}`);
    assert.equal(profile.collected, true);
  });

  test('reports no churn, and no growth where there is none', async () => {
    const { profile, text } = await run({ names: ['churn'] });
    assertNoGrowth(profile, 'churn');
    assert.deepEqual(
      profile.stacks.filter(({ verdict }) => verdict === 'growing'),
      [],
    );
    assert.match(text, /No stack grows steadily|Nothing that was sampled/);
  });

  test('tells what was filled once from what grows', async () => {
    const { profile } = await run({ names: ['churn'], filled: true });
    assert.equal(row(profile, 'fill')?.verdict, 'once');
  });

  test('names the function that V8 has compiled into its caller', async () => {
    const { profile } = await run({ names: ['leakIntoMap', 'churn'] }, []);
    const named = profile.stacks
      .slice(0, 2)
      .flatMap((stack) => [stack.function, ...stack.callees.map((f) => f.function)]);
    assert.ok(named.includes('leakIntoMap'), named.join());
  });

  test('is made in a worker thread', async () => {
    const { profile } = await run({ names: ['leakIntoMap', 'churn'], worker: true });
    assert.deepEqual([profile.stacks[0]?.function, profile.stacks[0]?.verdict], ['leakIntoMap', 'growing']);
  });

  test('applies source maps', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plateau-profile-'));
    try {
      // The third line, where the function begins, is line 42 of the source.
      const map = { version: 3, sources: ['src/app.ts'], names: [], mappings: ';;AAyCA' };
      const lines = [
        `const { profileGrowth } = require(${JSON.stringify(join(__dirname, '../../dist/index.cjs'))});`,
        'const kept = [];',
        'function leak() { for (let i = 0; i < 50; i++) kept.push(new Array(50).fill(i)); }',
        'const timer = setInterval(leak, 5);',
        'profileGrowth({ duration: 1000, interval: 16384 }).then(({ stacks: [first] }) => {',
        '  clearInterval(timer); console.log(JSON.stringify([first.place, first.file, first.line, first.function]));',
        '});',
        `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`,
      ];
      writeFileSync(join(folder, 'app.cjs'), lines.join('\n'));
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-turbo-inlining', 'app.cjs'], {
        cwd: folder,
      });
      const source = join(realpathSync(folder), 'src/app.ts');
      assert.deepEqual(JSON.parse(stdout), [join('src', 'app.ts:42'), source, 42, 'leak']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('keeps at most limit stacks, and sums up the others', async () => {
    const { profile } = await run({ names: ['leakIntoMap', 'leakClosure'], options: { limit: 1 } });
    assert.equal(profile.stacks.length, 1);
    assert.ok(profile.others.stacks >= 1 && profile.others.bytes > 0);
  });

  test('keeps no process alive', async () => {
    const code = "require('plateau').profileGrowth({ duration: 60000 }); console.log('made')";
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], {
      cwd: __dirname,
      timeout: 20_000,
    });
    assert.equal(stdout, 'made\n');
  });
});

/** Whether anybody samples in this thread. */
function isSampling(): boolean {
  const session = new Session();
  session.connect();
  let failed: Error | null = null;
  session.post('HeapProfiler.getSamplingProfile', (error) => {
    failed = error;
  });
  session.disconnect();
  return failed === null;
}

suite('one profile at a time', () => {
  // A profile keeps no process alive.
  let alive: NodeJS.Timeout;
  before(() => {
    alive = setInterval(() => {}, 1000);
  });
  after(() => clearInterval(alive));

  test('a second one is refused, and the first goes on', async () => {
    const first = profileGrowth({ duration: 1000 });
    await assert.rejects(profileGrowth({ duration: 1000 }), { code: 'PLATEAU_PROFILE_BUSY' });
    assert.equal((await first).schema, 1);
    assert.equal(isSampling(), false);
    assert.equal((await profileGrowth({ duration: 1000 })).schema, 1);
  });

  test('it is refused while another tool samples, whose samples stay', async () => {
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.startSampling');
    await assert.rejects(profileGrowth({ duration: 1000 }), /another tool/);
    assert.equal(isSampling(), true);
    session.post('HeapProfiler.stopSampling');
    session.disconnect();
    assert.equal((await profileGrowth({ duration: 1000 })).schema, 1);
  });

  test('it fails when another tool ends or replaces its samples', async () => {
    for (const again of [false, true]) {
      const made = profileGrowth({ duration: 1000 });
      await sleep(700);
      const session = new Session();
      session.connect();
      session.post('HeapProfiler.stopSampling');
      if (again) session.post('HeapProfiler.startSampling');
      await assert.rejects(made, { code: 'PLATEAU_PROFILE_BUSY' });
      session.disconnect();
    }
    assert.equal(isSampling(), false);
  });

  test('it ends when its signal aborts, at once and with its reason', async () => {
    const reason = new Error('enough');
    await assert.rejects(profileGrowth({ signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const made = profileGrowth({ duration: 3_600_000, signal: controller.signal });
    await sleep(50);
    assert.equal(isSampling(), true);
    controller.abort(reason);
    await assert.rejects(made, reason);
    assert.equal(isSampling(), false);
  });
});

test('where the inspector may not be used, it says so', async () => {
  const code =
    "require('plateau').profileGrowth({ duration: 1000 }).catch(({ code, message }) => console.log(code, message))";
  const known = process.allowedNodeEnvironmentFlags.has('--permission');
  const flags = [known ? '--permission' : '--experimental-permission', '--allow-fs-read=*', '--allow-addons'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', code], { cwd: __dirname });
  assert.match(stdout, /^PLATEAU_PROFILE_UNAVAILABLE this runtime does not let .* restricted/);
});

test('options that are wrong are refused at once', () => {
  for (const [options, code] of [
    [{ duration: 999 }, 'PLATEAU_OUT_OF_RANGE'],
    [{ duration: Number.POSITIVE_INFINITY }, 'PLATEAU_OUT_OF_RANGE'],
    [{ duration: '30s' }, 'PLATEAU_INVALID_OPTION'],
    [{ interval: 1 }, 'PLATEAU_OUT_OF_RANGE'],
    [{ limit: 1001 }, 'PLATEAU_OUT_OF_RANGE'],
    [{ gc: 1 }, 'PLATEAU_INVALID_OPTION'],
    [{ signal: {} }, 'PLATEAU_INVALID_OPTION'],
    [{ durations: 1 }, 'PLATEAU_INVALID_OPTION'],
  ] as const) {
    assert.throws(() => profileGrowth(options as object), { code }, JSON.stringify(options));
  }
});
