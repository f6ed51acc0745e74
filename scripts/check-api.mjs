/**
 * Fails when the committed index.d.ts is not what lib/ declares (`npm run check:api`), or when the names
 * that can be imported differ between `import`, `require` and the declarations.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { renderJs } from './build-js.mjs';
import { declaredValues, renderTypes } from './build-types.mjs';
import { Failure, manifest, publicEntries, root, runMain } from './project.mjs';

await runMain(async () => {
  const types = await renderTypes();
  const fresh = types.get('index.d.ts');
  const committed = readFileSync(join(root, 'index.d.ts'), 'utf8').replaceAll('\r\n', '\n');
  if (fresh !== committed) {
    console.error(firstDifference(committed, String(fresh)));
    throw new Failure('index.d.ts is stale: run `npm run build:js` and commit it');
  }

  const js = await renderJs();
  for (const name of publicEntries) {
    const code = js.get(`${name}.mjs`);
    if (code !== readFileSync(join(root, 'dist', `${name}.mjs`), 'utf8')) {
      throw new Failure(`dist/${name}.mjs is stale: run \`npm run build:js\``);
    }
    const specifier = name === 'index' ? manifest.name : `${manifest.name}/${name}`;
    const declared = await declaredValues(name);
    const imported = Object.keys(await import(specifier)).toSorted();
    const required = Object.keys(createRequire(import.meta.url)(specifier)).toSorted();
    same(`import of ${specifier}`, imported, `its declarations`, declared);
    same(`require of ${specifier}`, required, `its declarations`, declared);
  }
  console.log(`index.d.ts is up to date; ${publicEntries.length} entry points export what they declare`);
});

/**
 * @param {string} what
 * @param {string[]} actual
 * @param {string} other
 * @param {string[]} expected
 */
function same(what, actual, other, expected) {
  const extra = actual.filter((name) => !expected.includes(name));
  const lacking = expected.filter((name) => !actual.includes(name));
  if (extra.length + lacking.length === 0) return;
  throw new Failure(`${what} and ${other} differ: extra [${extra}], lacking [${lacking}]`);
}

/**
 * @param {string} committed
 * @param {string} fresh
 */
function firstDifference(committed, fresh) {
  const [old, now] = [committed.split('\n'), fresh.split('\n')];
  const line = now.findIndex((text, index) => text !== old[index]);
  const at = line === -1 ? now.length : line;
  return `index.d.ts:${at + 1}\n  committed: ${old[at] ?? '(ends)'}\n  from lib/: ${now[at] ?? '(ends)'}`;
}
