/**
 * The other JavaScript runtimes that plateau supports, for the smoke test: Node 22, 24 and 26, Bun and Deno,
 * each as the npm package that carries its binary for this machine. They are no devDependencies, being
 * hundreds of megabytes that only this test needs; they are kept in target/runtimes between runs.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, npm, root } from './project.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} spec what to install
 * @property {string} binary its path in node_modules
 * @property {string[]} flags what it needs to run a file
 */

/** npm's words for a registry that does not answer, as opposed to one that says no. */
const UNREACHABLE = /\b(?:ECONN\w+|ENOTFOUND|EAI_AGAIN|E\w*TIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

const { platform, arch } = process;
const exe = platform === 'win32' ? '.exe' : '';

/** @type {readonly Runtime[]} */
export const runtimes = [node(22), node(24), node(26), bun(), deno()];

/**
 * @param {number} major
 * @returns {Runtime}
 */
function node(major) {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  return { name: `Node ${major}`, spec: `${name}@${major}`, binary: `${name}/bin/node${exe}`, flags: [] };
}

/** @returns {Runtime} */
function bun() {
  const os = platform === 'win32' ? 'windows' : platform;
  // The ordinary x64 build needs AVX2, which not every virtual machine has.
  const name = `@oven/bun-${os}-${arch === 'arm64' ? 'aarch64' : 'x64-baseline'}`;
  return { name: 'Bun', spec: name, binary: `${name}/bin/bun${exe}`, flags: ['run'] };
}

/** @returns {Runtime} */
function deno() {
  const name = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  // An addon needs --allow-ffi, the assertions --allow-read and --allow-env.
  const flags = ['run', '--allow-all', '--no-prompt', '--node-modules-dir=manual'];
  return { name: 'Deno', spec: name, binary: `${name}/deno${exe}`, flags };
}

/**
 * Installs a runtime unless an earlier run has. Without a registry it is unavailable; any other failure is one.
 *
 * @param {Runtime} runtime
 * @returns {{ binary: string } | { unavailable: string }}
 */
export function installRuntime({ name, spec, binary }) {
  const folder = join(root, 'target/runtimes', name.replace(' ', '-').toLowerCase());
  const path = join(folder, 'node_modules', binary);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const [command, ...args] = npm(
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--loglevel=error',
      spec,
    );
    const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) {
      const reason = firstError(error?.message ?? stderr);
      if (!UNREACHABLE.test(reason)) throw new Failure(`${name} could not be installed (${reason})`);
      return { unavailable: reason };
    }
    if (!existsSync(path)) throw new Failure(`${spec} was installed but has no ${binary}`);
  }
  return { binary: path };
}

/** @param {string} output */
function firstError(output) {
  const lines = output.split('\n').filter((line) => line.includes('error'));
  return lines.slice(0, 2).join('; ') || 'npm install failed without a message';
}
