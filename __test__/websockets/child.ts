/** Runs the fixtures: programs in a process of their own, which print what happened as JSON. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Longer than any takes on the slowest machine. */
const KILL_AFTER = 120_000;

/** Runs `fixtures/<name>.mjs`, which must end by itself, well and in silence; returns what it printed. */
export function report<T>(name: string, ...args: string[]): Promise<T> {
  const file = join(__dirname, 'fixtures', `${name}.mjs`);
  const child = spawn(process.execPath, ['--expose-gc', file, ...args], {
    // Without the options that the test runner's own process was started with.
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
        assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout);
        resolve(JSON.parse(stdout) as T);
      } catch (error) {
        reject(error);
      }
    });
  });
}
