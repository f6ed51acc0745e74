/**
 * Runs the fixtures: small programs that use the package as an application would, each in a process of its own,
 * because what is tested here is how a process begins, lives and ends.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Longer than any fixture takes on the slowest machine: only one that does not end by itself reaches it. */
const KILL_AFTER = 120_000;

export interface Outcome {
  /** The exit code, `null` if a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  /** Options of Node itself, such as `--expose-gc`. */
  node?: string[];
  /** Called with everything that the fixture has printed so far, whenever there is more. */
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs `fixtures/<name>.mjs` to its end. */
export function run(
  name: string,
  args: readonly unknown[] = [],
  { node = [], onOutput }: Options = {},
): Promise<Outcome> {
  const file = join(__dirname, 'fixtures', `${name}.mjs`);
  const child = spawn(process.execPath, [...node, file, ...args.map(String)], {
    // Without the options that the test runner's own process was started with.
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER);
  const outcome: Outcome = { code: null, signal: null, stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => {
    outcome.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    outcome.stdout += text;
    onOutput?.(outcome.stdout, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ ...outcome, code, signal });
    });
  });
}

/** Runs a fixture that must end well and in silence, and returns what it printed, as JSON. */
export async function report<T>(name: string, args: readonly unknown[] = [], options?: Options): Promise<T> {
  const { code, signal, stdout, stderr } = await run(name, args, options);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' }, stdout);
  return JSON.parse(stdout) as T;
}
