/** `npx plateau check [options] -- <command>`: whether an app leaks, what and where. The work is in `lib/check/`. */

import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CheckReport } from '../check/types';
import { type CheckArguments, type Outputs, readCheckArgs } from './check-args';
import { progressOn } from './check-progress';
import { USAGE } from './check-usage';

/** Exit codes, those of all commands. */
const FINE = 0;
const FINDING = 1;
const FAILED = 2;
/** 128 and the signal's number, as a shell says it. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs the command; returns its exit code. */
export async function check(args: string[]): Promise<number> {
  let asked: CheckArguments | undefined;
  try {
    asked = readCheckArgs(args);
    if (asked !== undefined) refuseUnwritable(asked.outputs);
  } catch (error) {
    console.error(`plateau check: ${(error as Error).message}\n(plateau check --help lists the options)`);
    return FAILED;
  }
  if (asked === undefined) {
    process.stdout.write(USAGE);
    return FINE;
  }
  for (const note of asked.notes) console.error(`plateau check: ${note}`);
  return run(asked);
}

async function run({ options, outputs }: CheckArguments): Promise<number> {
  const stop = new AbortController();
  let exit: number | undefined;
  const interrupts = Object.entries(SIGNALS).map(([name, code]) => {
    const interrupt = (): void => {
      // A second time: at once. What runs as the process exits ends the app, and removes its files.
      if (exit !== undefined) process.exit(code);
      exit = code;
      stop.abort(new Error('interrupted'));
    };
    process.on(name, interrupt);
    return () => process.off(name, interrupt);
  });
  const progress = progressOn(process.stderr);
  try {
    // Only now: the help, and what is wrong with the arguments, need none of it.
    const { runCheck } = await import('../check/run.js');
    const report = await runCheck({ ...options, signal: stop.signal, onProgress: progress.show });
    progress.end();
    await write(report, outputs);
    return report.verdict === 'leak' ? FINDING : report.verdict === 'healthy' ? FINE : FAILED;
  } catch (error) {
    progress.end();
    if (exit !== undefined) return exit;
    console.error(`plateau check: ${(error as Error).message}`);
    return FAILED;
  } finally {
    for (const off of interrupts) off();
  }
}

/** A minute of checking is not to end in a file that cannot be written. */
function refuseUnwritable({ json, html, markdown, junit }: Outputs): void {
  for (const [name, file] of Object.entries({ json, html, markdown, junit })) {
    if (file === undefined || file === '-') continue;
    const path = resolve(file);
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory()) throw new Error('it is a folder');
      accessSync(found === undefined ? dirname(path) : path, constants.W_OK);
    } catch (error) {
      throw new Error(`--${name} ${file} cannot be written: ${(error as Error).message}`);
    }
  }
}

async function write(report: CheckReport, outputs: Outputs): Promise<void> {
  const forms = await import('../check/report/index.js');
  const { json, html, markdown, junit, github, color } = outputs;
  const text = json === '-' ? `${JSON.stringify(report, null, 2)}\n` : forms.terminalReport(report, color);
  process.stdout.write(text);
  if (github) process.stdout.write(forms.githubReport(report));
  const files: Array<[string, string | undefined, () => string]> = [
    ['json', json === '-' ? undefined : json, () => `${JSON.stringify(report, null, 2)}\n`],
    ['html', html, () => forms.htmlReport(report)],
    ['markdown', markdown, () => forms.markdownReport(report)],
    ['junit', junit, () => forms.junitReport(report)],
  ];
  const failed: string[] = [];
  for (const [name, file, make] of files) {
    if (file === undefined) continue;
    try {
      writeWhole(file, make());
    } catch (error) {
      failed.push(`--${name} ${file} cannot be written: ${(error as Error).message}`);
    }
  }
  // The others are there all the same.
  if (failed.length > 0) throw new Error(failed.join('; '));
}

/** For its owner only: paths, requests and names of the app are in it. Half of it is of no use to anybody. */
function writeWhole(file: string, text: string): void {
  const descriptor = openSync(file, 'w', 0o600);
  const isFile = fstatSync(descriptor).isFile();
  try {
    // One that was there before may have been anybody's to read.
    if (isFile) fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, text);
  } catch (error) {
    if (isFile) rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
