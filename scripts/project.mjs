/**
 * Facts about the repository that several scripts need, and small helpers to run programs.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * The published entry points by name (`index`, `lru-cache`), as package.json's `exports` lists them. Each
 * is built from `lib/<name>.ts`, so a new subpath needs nothing but its entry there.
 */
export const publicEntries = Object.keys(manifest.exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => (subpath === '.' ? 'index' : subpath.slice('./'.length)));

/** The command line: `npx plateau` runs `dist/cli.cjs`. Built like an entry, but not for import. */
export const commandEntry = 'cli';

/** What `plateau check` preloads into the app. Not for import either. */
export const agentEntry = 'check-agent';

/** Internals for the repository's own tests and benchmarks: built like an entry, never published. */
export const testingEntry = 'testing';

/** Where the type-checker lives. Not `.bin/tsc`: TypeScript 6, which the declaration bundler needs, also claims that. */
const tscPath = join(root, 'node_modules/typescript/bin/tsc');

/** In CI a Cargo.lock that does not fit Cargo.toml is an error; at a desk Cargo brings it up to date. */
export const cargoLocked = process.env.CI ? ['--locked'] : [];

/** The error of a script that has said all there is to say; printed without a stack. */
export class Failure extends Error {}

/**
 * Runs a program in the repository with its output shown, and fails when it does.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw new Failure(`${command} could not be started: ${error.message}`);
  if (status !== 0)
    throw new Failure(`${shorten(`${command} ${args.join(' ')}`)} failed (${signal ?? `exit ${status}`})`);
}

/** A command line with a hundred files in it would push what they said out of sight. */
function shorten(line) {
  return line.length <= 200 ? line : `${line.slice(0, 200)} …`;
}

/**
 * The command line of an npm call. Inside `npm run` it is the same npm, and never the shell script that
 * Windows could not start without a shell.
 *
 * @param {string[]} args
 * @returns {[string, ...string[]]}
 */
export function npm(...args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('.js') ? [process.execPath, cli, ...args] : ['npm', ...args];
}

/**
 * Runs TypeScript 7.
 *
 * @param {string[]} args
 */
export function tsc(args) {
  run(process.execPath, [tscPath, ...args]);
}

/**
 * Replaces a file in one step, so that a process reading it meanwhile sees the old or the new one, and one
 * that has it mapped (a loaded addon) keeps the old.
 *
 * @param {string} path
 * @param {string | Uint8Array} content
 */
export function replaceFile(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/**
 * Runs a script's main function; a `Failure` becomes one line and exit code 1.
 *
 * @param {() => void | Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `plateau: ${error.message}` : error);
    process.exitCode = 1;
  }
}
