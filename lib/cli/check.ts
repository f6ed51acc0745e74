/** `npx plateau check [options] -- <command>`: whether an app leaks, what and where. The work is in `lib/check/`. */

import { parseArgs } from 'node:util';
import type { CheckOptions } from '../check/options';
import { USAGE } from './check-usage';

/** Exit codes, those of all commands. */
const FINE = 0;
const FINDING = 1;
const FAILED = 2;
/** 128 and the signal's number, as a shell says it. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs the command; returns its exit code. */
export async function check(args: string[]): Promise<number> {
  let asked: Asked | undefined;
  try {
    asked = readArgs(args);
  } catch (error) {
    console.error(`plateau check: ${(error as Error).message}\n(plateau check --help lists the options)`);
    return FAILED;
  }
  if (asked === undefined) {
    process.stdout.write(USAGE);
    return FINE;
  }
  // Only now: the help needs none of it.
  const { runCheck } = await import('../check/run.js');
  const report = await runCheck(asked.options);
  console.log(JSON.stringify(report, null, 2));
  return report.verdict === 'leak' ? FINDING : report.verdict === 'healthy' ? FINE : FAILED;
}

interface Asked {
  options: CheckOptions;
}

function readArgs(args: string[]): Asked | undefined {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { url: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return undefined;
  return { options: { command: positionals, ...(values.url ? { urls: values.url } : {}), onProgress: ({ phase, text }) => console.error(`${phase}: ${text}`) } };
}
void SIGNALS;
