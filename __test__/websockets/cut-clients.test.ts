import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';

/** Longer than it takes on the slowest machine. */
const KILL_AFTER = 120_000;

interface Result {
  timers: number;
  timersLeft: number;
  oblivious: number;
  took: number;
  left: number;
  later: number;
  released: number;
  cleanedByCut: number;
  cleaned: number;
  vanished: number;
  start: number;
  end: number;
}

function run(mode: string): Promise<Result> {
  const file = join(__dirname, 'fixtures', 'cut-clients.mjs');
  const child = spawn(process.execPath, ['--expose-gc', file, mode], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: KILL_AFTER,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
        resolve(JSON.parse(stdout) as Result);
      } catch (error) {
        reject(error);
      }
    });
  });
}

suite('1,000 clients, of whom 500 lose their network without a FIN', () => {
  test('supervised: those are released within two heartbeats, by one timer, and the memory is back', async (t) => {
    const { took, start, end, ...rest } = await run('supervised');
    t.diagnostic(`${took} heartbeats; ${start} bytes before, ${end} after: ${(end / start).toFixed(4)}`);
    assert.deepEqual(rest, {
      timers: 1,
      timersLeft: 0,
      // Their ends of the connections know nothing of it.
      oblivious: 500,
      left: 500,
      later: 500,
      released: 500,
      cleanedByCut: 500,
      cleaned: 1000,
      vanished: 500,
    });
    assert.ok(took <= 2, `${took} heartbeats`);
    assert.ok(end <= start * 1.05, `${start} bytes before, ${end} after`);
  });

  test('unsupervised: they stay', async () => {
    const { left, later, released, timers } = await run('bare');
    assert.deepEqual(
      { left, later, released, timers },
      { left: 1000, later: 1000, released: 0, timers: 0 },
    );
  });
});
