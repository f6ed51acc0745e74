/** The snapshots that are read, and the engines that are compared: in folders for temporary files, made when first needed. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { devtoolsEngine } from '../../scripts/devtools/engine.mjs';
import { npm } from '../../scripts/project.mjs';
import { highestId, tile } from './tile.mjs';

const MEMLAB = ['@memlab/api@2.0.5', '@memlab/core@2.0.5', '@memlab/heap-analysis@2.0.5'];
const RUST_PORT = '@heap-snapshot/cli@0.0.6';
const folder = join(process.env.PLATEAU_HEAPS ?? join(tmpdir(), 'plateau-bench-heaps'));
/** Snapshots of one program, each some requests after the one before. */
export const SERVER = ['first', 'second', 'third'];
const server = SERVER.map((name) => join(folder, `${name}.heapsnapshot`));

/** Where a snapshot is that `copies` times the server's makes. */
export const pathOf = (name, copies) =>
  copies === 1 ? join(folder, `${name}.heapsnapshot`) : join(folder, `${name}-${copies}.heapsnapshot`);

/**
 * Makes the snapshots that are missing.
 *
 * @param {{ name: string, copies: number }[]} wanted
 * @param {(text: string) => void} progress
 */
export function makeSnapshots(wanted, progress) {
  mkdirSync(folder, { recursive: true });
  if (!server.every((path) => existsSync(path))) {
    progress('three snapshots of a server under load are taken');
    const program = fileURLToPath(new URL('./server.cjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, ['--expose-gc', program, folder], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the server failed: ${stderr}`);
  }
  // The same for all: an object keeps its id.
  const span = highestId(join(folder, 'third.heapsnapshot')) + 1;
  for (const { name, copies } of wanted) {
    const path = pathOf(name, copies);
    if (existsSync(path)) continue;
    progress(`${copies} copies of the ${name} snapshot are written`);
    tile(join(folder, `${name}.heapsnapshot`), `${path}.tmp`, copies, span);
    renameSync(`${path}.tmp`, path);
  }
}

export const sizeOf = (path) => (existsSync(path) ? statSync(path).size : Number.NaN);

export function removeSnapshots() {
  rmSync(folder, { recursive: true, force: true });
}

/** Where the engines are; undefined for what cannot be had. Names are those of the contenders. */
export async function findTools(progress) {
  progress('the other engines are fetched');
  const devtools = await devtoolsEngine().catch(
    (error) => void progress(`no developer tools: ${error.message}\n`),
  );
  return { devtools, memlab: installed('memlab', MEMLAB, progress), rustPort: rustPort(progress) };
}

/** A file beside installed packages, to require them from. */
function installed(name, packages, progress) {
  const place = join(tmpdir(), `plateau-bench-${name}`);
  if (!existsSync(join(place, 'node_modules'))) {
    mkdirSync(place, { recursive: true });
    const [program, ...args] = npm('install', '--prefix', place, '--no-audit', '--no-fund', ...packages);
    // A browser would be fetched, too, which nothing here needs.
    const env = { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' };
    const { status, stderr } = spawnSync(program, args, { cwd: place, env, encoding: 'utf8' });
    if (status !== 0) return void progress(`no ${name}: ${stderr.trim().split('\n').at(-1)}\n`);
  }
  return join(place, 'package.json');
}

function rustPort(progress) {
  const given = process.env.PLATEAU_HEAP_SNAPSHOT_BIN;
  if (given) return given;
  const manifest = installed('rust-port', [RUST_PORT], progress);
  if (manifest === undefined) return undefined;
  const program = join(dirname(manifest), 'node_modules/.bin/heap-snapshot');
  const { status } = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return program;
  progress(
    `no rust-port: ${RUST_PORT} does not run here; build github.com/dinfuehr/heap-snapshot and name its program in PLATEAU_HEAP_SNAPSHOT_BIN\n`,
  );
  return undefined;
}
