/**
 * Type-checks everything: lib/, the tests, the tools (scripts, benchmarks, examples), and the built
 * declarations as users see them. The last also with TypeScript 6, which many of them still have.
 */

import { join } from 'node:path';
import { root, run, runMain, tsc } from './project.mjs';

await runMain(() => {
  const projects = ['.', 'lib/dashboard/page', '__test__', 'tsconfig.tools.json', '__test__/types'];
  for (const project of projects) tsc(['-p', project]);
  const tsc6 = join(root, 'node_modules/@typescript/typescript6/bin/tsc6');
  run(process.execPath, [tsc6, '-p', '__test__/types']);
});
