import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const preload = join(__dirname, '../../dist/register');

/** Runs a program of one line with the preload. */
function run(
  code: string,
  {
    how = ['--import', pathToFileURL(`${preload}.mjs`).href],
    env = {},
  }: { how?: string[]; env?: NodeJS.ProcessEnv } = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [...how, '-e', code], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    encoding: 'utf8',
  });
}

suite('plateau/register', () => {
  for (const how of [
    ['--import', pathToFileURL(`${preload}.mjs`).href],
    ['--require', `${preload}.cjs`],
  ]) {
    test(`starts the sampler with ${how[0]}, says nothing, and keeps no process alive`, () => {
      const code = `console.log(require(${JSON.stringify(join(preload, '../index.cjs'))}).memorySampler().running)`;
      assert.deepEqual(
        { ...run(code, { how }), signal: null, output: null, pid: null, error: undefined },
        { status: 0, stdout: 'true\n', stderr: '', signal: null, output: null, pid: null, error: undefined },
      );
    });
  }

  test('records where PLATEAU_RECORDER says, in threads too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plateau-register-'));
    try {
      const thread = join(folder, 'thread.cjs');
      writeFileSync(thread, 'setTimeout(() => {}, 300)');
      const code = `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)})`;
      const { status, stderr } = run(code, {
        env: { PLATEAU_RECORDER: folder, PLATEAU_RECORDER_BYTES: '65536' },
      });
      assert.deepEqual([status, stderr], [0, '']);
      const boxes = readdirSync(folder).filter((name) => name.endsWith('.plateau'));
      assert.equal(boxes.length, 2);
      for (const box of boxes) assert.ok(statSync(join(folder, box)).size <= 65_536);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a value that is wrong is warned of and left out', () => {
    const { status, stdout, stderr } = run('console.log("runs")', {
      env: {
        PLATEAU_PRESSURE_AT: '85',
        PLATEAU_COOLDOWN: 'often',
        PLATEAU_ASK_FOR_COLLECTIONS: 'maybe',
        PLATEAU_RELIEVE_TO: '0.5',
      },
    });
    assert.deepEqual([status, stdout], [0, 'runs\n']);
    assert.match(stderr, /PLATEAU_PRESSURE_AT is left out: pressureAt must be a number from 0 to 1, got 85/);
    assert.match(stderr, /PLATEAU_COOLDOWN is left out/);
    assert.match(stderr, /PLATEAU_ASK_FOR_COLLECTIONS is left out/);
    assert.doesNotMatch(stderr, /PLATEAU_RELIEVE_TO/);
  });
});
