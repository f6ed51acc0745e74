/** Describes what a run was measured on: a number without its machine says nothing. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {string[]} packages Whose versions to record. */
export function describeMachine(packages) {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    loadAverage: os.loadavg().map((load) => Number(load.toFixed(2))),
    commit: commit(),
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function renderMachine(machine) {
  const { cpu, cores, memoryGiB, os: system, node, v8, date, loadAverage, packages } = machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`,
    `Node ${node} (V8 ${v8}), commit ${machine.commit}, ${date}, load ${loadAverage.join(' ')}`,
    versions.join(', '),
  ].join('\n');
}

function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const head = git('rev-parse', '--short=12', '--verify', 'HEAD');
  if (head.status !== 0) return 'none';
  const changed = git('status', '--porcelain').stdout.trim() !== '';
  return head.stdout.trim() + (changed ? ' with changes' : '');
}

/** Reads the manifest from the folder: several packages do not export theirs. */
function versionOf(name) {
  const path =
    name === 'plateau' ? join(root, 'package.json') : join(root, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(path, 'utf8')).version;
}
