/**
 * Compiles the addon for this machine and puts it at the root of the repository, where the loader looks
 * first. The loader and its types are written by hand (`lib/native/`), so nothing else is generated.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, replaceFile, root, run } from './project.mjs';

const napiCli = join(root, 'node_modules/@napi-rs/cli/dist/cli.js');

/** @param {string[]} [napiOptions] such as `['--target', 'aarch64-apple-darwin']` */
export function buildNative(napiOptions = []) {
  requireCargo();
  // Not directly to the root: copying over an addon that a running process has loaded would crash it.
  const output = join(root, 'target/addon');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  run(process.execPath, [
    napiCli,
    ...[
      'build',
      '--platform',
      '--release',
      '--no-js',
      '--dts',
      'addon.d.ts',
      '--output-dir',
      output,
      ...napiOptions,
    ],
  ]);
  const addons = readdirSync(output).filter((name) => name.endsWith('.node'));
  if (addons.length === 0) throw new Failure('the compiler succeeded but left no .node file');
  for (const name of addons) replaceFile(join(root, name), readFileSync(join(output, name)));
}

function requireCargo() {
  const { error, status } = spawnSync('cargo', ['--version'], { cwd: root, stdio: 'ignore' });
  if (!error && status === 0) return;
  throw new Failure(
    'a clone compiles its own native addon and needs Rust for it, but `cargo` was not found. Install Rust from ' +
      'https://rustup.rs (plus a C linker), open a new terminal and run `npm install` again. The published ' +
      'package needs no compiler.',
  );
}
