/** Lints and checks the format of everything: Biome for TypeScript, JavaScript and JSON, Clippy and rustfmt for Rust. */

import { join } from 'node:path';
import { cargoLocked, root, run, runMain } from './project.mjs';

await runMain(() => {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  run(process.execPath, [biome, 'check', '--error-on-warnings', '.']);
  run('cargo', ['fmt', '--check']);
  // With and without the bindings: each half has code the other does not compile.
  run('cargo', ['clippy', '--all-targets', ...cargoLocked, '--', '-D', 'warnings']);
  run('cargo', ['clippy', '--all-targets', ...cargoLocked, '--no-default-features', '--', '-D', 'warnings']);
});
