/**
 * Builds the package: `node scripts/build.mjs [native] [js] [options]`, everything without a name.
 *
 * `--target`, `--use-napi-cross` and `--cross-compile` go to napi-rs, for a release's other platforms.
 * `--keep-api` leaves the committed index.d.ts alone, for the build that `npm install` does: a clone must
 * not come out modified, and CI must see a stale file, not a repaired one.
 */

import { parseArgs } from 'node:util';
import { buildJs } from './build-js.mjs';
import { buildNative } from './build-native.mjs';
import { buildTypes } from './build-types.mjs';
import { Failure, runMain } from './project.mjs';

await runMain(async () => {
  const { values, positionals, tokens } = parseArgs({
    tokens: true,
    options: {
      'keep-api': { type: 'boolean', default: false },
      target: { type: 'string' },
      'use-napi-cross': { type: 'boolean' },
      'cross-compile': { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const napiOptions = tokens.flatMap((token) => {
    if (token.kind !== 'option' || token.name === 'keep-api') return [];
    return token.value === undefined ? [token.rawName] : [token.rawName, token.value];
  });
  const parts = positionals.length === 0 ? ['native', 'js'] : positionals;
  const unknown = parts.find((part) => part !== 'native' && part !== 'js');
  if (unknown !== undefined) throw new Failure(`there is no part "${unknown}" to build, only native and js`);

  if (parts.includes('native')) buildNative(napiOptions);
  if (parts.includes('js')) {
    await buildJs();
    await buildTypes({ keepApi: values['keep-api'] });
  }
});
