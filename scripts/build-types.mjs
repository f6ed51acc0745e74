/**
 * Bundles the declarations of lib/: the root index.d.ts is the public API, and is committed, so that a
 * change of it shows in review; dist/ gets those of the subpaths and the ES module twins.
 *
 * Each declaration exists once: subpaths import what the main entry exports from it, and the `.d.mts`
 * re-export the `.d.ts`, so a class is the same class however it was imported.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { Failure, publicEntries, replaceFile, root, testingEntry, tsc } from './project.mjs';

const emitted = join(root, 'target/types');
const mainEntry = join(emitted, 'index.d.ts');

const banner =
  '// The public API, generated from lib/ by `npm run build:js`. Committed so that its changes show in review;\n' +
  '// not edited by hand.\n';

/** @param {{ keepApi?: boolean }} [options] */
export async function buildTypes({ keepApi = false } = {}) {
  for (const [path, content] of await renderTypes()) {
    if (!(keepApi && path === 'index.d.ts')) replaceFile(join(root, path), content);
  }
}

/** The declaration files by their path in the repository. */
export async function renderTypes() {
  rmSync(emitted, { recursive: true, force: true });
  tsc(['-p', 'tsconfig.build.json']);
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const name of publicEntries) {
    const code = await bundleEntry(name);
    if (name === 'index') {
      files.set('index.d.ts', banner + code);
      files.set('dist/index.d.mts', "export * from '../index.js';\n");
    } else {
      refuseTwins(name, code, String(files.get('index.d.ts')));
      files.set(`dist/${name}.d.ts`, code);
      files.set(`dist/${name}.d.mts`, `export * from './${name}.js';\n`);
    }
  }
  // The tests see the internals as they are in lib/, the same declarations as `plateau` has for them.
  files.set(`dist/${testingEntry}.d.cts`, `export * from '../lib/${testingEntry}';\n`);
  return files;
}

/**
 * The names an entry declares that exist at run time, sorted; `renderTypes` has to have run.
 *
 * @param {string} name
 */
export async function declaredValues(name) {
  const { default: ts } = await import('@typescript/typescript6');
  const path = join(emitted, `${name}.d.ts`);
  const program = ts.createProgram([path], { skipLibCheck: true, noLib: true, types: [] });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Failure(`${path} is not a module`);
  return checker
    .getExportsOfModule(symbol)
    .filter((exported) => {
      const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      return target.flags & ts.SymbolFlags.Value;
    })
    .map((exported) => exported.name)
    .toSorted();
}

/** @param {string} name */
async function bundleEntry(name) {
  const bundle = await rollup({
    input: join(emitted, `${name}.d.ts`),
    // The types of Node, and of the libraries that an integration is for, are the application's.
    external: (source, importer) => importer !== undefined && /^@?[a-z]/.test(source),
    plugins: [
      mainEntryStaysOutside(),
      withoutHeaders(),
      dts({ tsconfig: join(root, 'tsconfig.build.json') }),
    ],
    onLog(level, log) {
      if (level !== 'debug') throw new Failure(`bundling the types of ${name} (${level}): ${log.message}`);
    },
  });
  try {
    const { output } = await bundle.generate({ format: 'es', paths: { [mainEntry]: '../index.js' } });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

/**
 * A class that two bundles declare is two classes to TypeScript as soon as it has a private member.
 *
 * @param {string} name
 * @param {string} code
 * @param {string} mainCode
 */
function refuseTwins(name, code, mainCode) {
  for (const [, twin] of code.matchAll(/\bdeclare (?:abstract )?class (\w+)/g)) {
    if (new RegExp(`\\bdeclare (?:abstract )?class ${twin}\\b`).test(mainCode)) {
      throw new Failure(
        `the types of ${name} declare ${twin} anew: let lib/${name}.ts import it from './index'`,
      );
    }
  }
}

/**
 * What a file of lib/ says of itself at its top is for readers of the source. It is a comment of its own: the next
 * thing after it is an import, or the comment of the first declaration.
 *
 * @returns {import('rollup').Plugin}
 */
function withoutHeaders() {
  return {
    name: 'without-headers',
    transform: (code) => ({
      code: code.replace(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*(?=import |\/\*\*|export \{|export \*)/, ''),
      map: null,
    }),
  };
}

/** @returns {import('rollup').Plugin} */
function mainEntryStaysOutside() {
  return {
    name: 'main-entry-stays-outside',
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith('.')) return null;
      const target = join(importer, '..', source);
      const isMain = [target, `${target}.d.ts`, join(target, 'index.d.ts')].includes(mainEntry);
      return isMain ? { id: mainEntry, external: 'absolute' } : null;
    },
  };
}
