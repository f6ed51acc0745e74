/** Runs `plateau check` as its users do, and looks that nothing is left of it: no process, no file. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckReport } from '../../dist/testing.cjs';

export const root = dirname(dirname(__dirname));
const cli = join(root, 'dist/cli.cjs');
const fixtures = join(__dirname, 'fixtures');

/** Makes a check quick: small rounds, and nothing is waited for that would expire. */
export const QUICK = ['--requests', '400', '--patience', '0'];

export interface CheckRun {
  child: ChildProcess;
  out: string;
  err: string;
  /** Resolves to the exit code when it has ended and nothing is left of it. */
  code: Promise<number | null>;
}

/** `node <fixture>` as a command. */
export function app(name: string, ...args: string[]): string[] {
  return ['--', process.execPath, join(fixtures, name), ...args];
}

let runs = 0;

/** Starts `plateau check` with these arguments. */
export function startCheck(t: TestContext, args: string[], env: NodeJS.ProcessEnv = {}): CheckRun {
  // All that a check writes is in a folder of its own, so that what it leaves can be seen.
  const folder = mkdtempSync(join(tmpdir(), 'check-test-'));
  const mark = `check-test-${process.pid}-${++runs}`;
  const child = spawn(process.execPath, [cli, 'check', ...args], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder, CHECK_TEST_MARK: mark, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run: CheckRun = { child, out: '', err: '', code: Promise.resolve(null) };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    run.err += text;
  });
  run.code = new Promise<number | null>((resolve) => child.once('close', resolve)).then(async (code) => {
    await nothingIsLeft(folder, mark);
    return code;
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await run.code.catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  return run;
}

/** Runs it to its end; the report is what `--json` prints. */
export async function runCheck(
  t: TestContext,
  args: string[],
  env?: NodeJS.ProcessEnv,
): Promise<{ code: number | null; report: CheckReport; err: string }> {
  const run = startCheck(t, ['--json', ...args], env);
  const code = await run.code;
  assert.ok(run.out.startsWith('{'), `exit code ${code}\n${run.err}\n${run.out}`);
  return { code, report: JSON.parse(run.out) as CheckReport, err: run.err };
}

async function nothingIsLeft(folder: string, mark: string): Promise<void> {
  // tsx keeps what it has compiled in the folder for temporary files.
  const files = () =>
    readdirSync(folder).filter((name) => !name.startsWith('tsx-') && name !== 'node-compile-cache');
  // A process that was killed a moment ago may still be listed, and one whose check was killed ends by itself.
  for (let tries = 0; files().length + processesWith(mark).length > 0 && tries < 200; tries++)
    await sleep(20);
  assert.deepEqual(files(), [], 'files are left');
  assert.deepEqual(processesWith(mark), [], 'processes are left');
}

function processesWith(mark: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(`CHECK_TEST_MARK=${mark}\0`);
    } catch {
      return false;
    }
  });
}
