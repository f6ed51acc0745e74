/** Programs with a black box, and what the command line says of them afterwards. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const root = join(__dirname, '../..');

/** How one isolate ended, as `plateau postmortem --json` says it; only what the tests look at. */
export interface Process {
  file: string;
  pid: number;
  thread: number;
  ending: {
    kind: string;
    code: number | null;
    signal: string | null;
    error: string | null;
    at: number;
    why: string;
  };
  signalsSeen: { signal: string; at: number }[];
  samples: { count: number; first: number; last: number; heartbeat: number };
  growth: { place: string; perSecond: number }[];
  problems: { offset: number; what: string }[];
}

export interface Postmortem {
  processes: Process[];
  running: number;
  unreadable: string[];
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-recorder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the packaged command. */
export function plateau(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync(process.execPath, [join(root, 'dist/cli.cjs'), ...args], { env, encoding: 'utf8' });
}

export function postmortem(path: string): Postmortem {
  const { stdout, stderr } = plateau('postmortem', '--json', path);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Postmortem;
}

export interface Life {
  folder: string;
  child: ChildProcess;
  /** Resolves when the program has printed a line. */
  prints(line: string): Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; at: number }>;
}

/**
 * Starts a program of `fixtures/` with a folder for its black boxes and `way`; `shell` goes before its command line.
 * `die` ends in the way that `way` says.
 */
export function live(
  t: TestContext,
  way: string,
  { program = 'die', node = [], shell = '' }: { program?: string; node?: string[]; shell?: string } = {},
): Life {
  const folder = temporaryFolder(t);
  const command = [process.execPath, ...node, join(__dirname, `fixtures/${program}.mjs`), folder, way];
  const [file = '', ...args] =
    shell === '' ? command : ['/bin/sh', '-c', `${shell}; exec "$@"`, 'sh', ...command];
  const child = spawn(file, args, {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  const waiting = new Map<string, () => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    for (const line of printed.split('\n')) waiting.get(line)?.();
  });
  return {
    folder,
    child,
    prints: (line) =>
      new Promise((resolve) => {
        if (printed.split('\n').includes(line)) resolve();
        waiting.set(line, resolve);
      }),
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, at: Date.now() }));
    }),
  };
}

/** The one process that the folder tells of. */
export function only(folder: string): Process {
  const { processes, unreadable } = postmortem(folder);
  assert.deepEqual(unreadable, []);
  assert.equal(processes.length, 1);
  const [process] = processes;
  assert.ok(process);
  assert.deepEqual(process.problems, []);
  return process;
}
