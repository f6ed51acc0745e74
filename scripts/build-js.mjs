/**
 * Bundles lib/ into dist/.
 *
 * The code ships once, as CommonJS; each `.mjs` beside it only re-exports it by name. Were it shipped in
 * both systems, a process that uses both would have two registries of caches and two `BoundedCache`
 * classes, each failing `instanceof` against the other.
 */

import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { bundledLicenses, dashboardPage } from './build-page.mjs';
import {
  agentEntry,
  commandEntry,
  Failure,
  publicEntries,
  replaceFile,
  root,
  testingEntry,
} from './project.mjs';

const dist = join(root, 'dist');

export async function buildJs() {
  const files = await renderJs();
  for (const [name, content] of files) replaceFile(join(dist, name), content);
  chmodSync(join(dist, `${commandEntry}.cjs`), 0o755);
  removeStale(files);
}

/** The JavaScript files of dist/ by name. */
export async function renderJs() {
  const names = [...publicEntries, testingEntry];
  /** @type {Set<string>} */
  const core = new Set();
  const bundle = await rolldown({
    cwd: root,
    input: {
      ...Object.fromEntries(names.map((name) => [name, `./lib/${name}.ts`])),
      [commandEntry]: './lib/cli/main.ts',
      [agentEntry]: './lib/check/agent/main.ts',
    },
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    // Everything that is not a file of lib/: Node's own modules and the frameworks of the integrations. Not what is
    // put inside, so that nobody has to install it.
    external: /^(?!(?:acorn|asciichart|ws)$)(?:node:|@?[a-z][\w-]*(?:\/|$))/,
    transform: { target: 'node20' },
    plugins: [dashboardPage(), bundledLicenses(), collectReachable('lib/index.ts', core)],
    onLog(level, log) {
      throw new Failure(`bundling lib/ (${level}): ${log.message}`);
    },
  });
  try {
    const { output } = await bundle.generate({
      dir: dist,
      format: 'cjs',
      exports: 'named',
      esModule: false,
      sourcemap: true,
      minify: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'shared-[name].cjs',
      // All that the main entry reaches stays in one file: a call into another file goes through a getter on
      // its exports, which the hot paths of a cache cannot afford.
      codeSplitting: {
        groups: [
          { name: 'core', test: (id) => core.has(id) },
          { name: 'dashboard', test: /lib[\\/]dashboard|page:dashboard/ },
        ],
      },
    });
    /** @type {Map<string, string | Uint8Array>} */
    const files = new Map();
    for (const file of output) {
      files.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
      if (file.type === 'chunk' && file.isEntry && publicEntries.includes(file.name)) {
        files.set(`${file.name}.mjs`, wrapper(file.name, file.exports));
      }
    }
    return files;
  } finally {
    await bundle.close();
  }
}

/**
 * Collects the modules that an entry imports, directly or not, itself included.
 *
 * @param {string} entry
 * @param {Set<string>} reachable
 * @returns {import('rolldown').Plugin}
 */
function collectReachable(entry, reachable) {
  return {
    name: 'collect-reachable',
    buildEnd() {
      const open = [...this.getModuleIds()].filter(
        (id) => relative(root, id).replaceAll('\\', '/') === entry,
      );
      for (const id of open) {
        if (reachable.has(id)) continue;
        reachable.add(id);
        open.push(...(this.getModuleInfo(id)?.importedIds ?? []));
      }
    },
  };
}

/**
 * The ES module over a CommonJS entry. The names are spelled out because an `import` of them from CommonJS
 * depends on what the runtime's scanner recognises in the file, which differs between Node, Bun and Deno.
 *
 * @param {string} name
 * @param {string[]} exports
 */
function wrapper(name, exports) {
  const lines = exports.toSorted().map((symbol) => `export const ${symbol} = cjs.${symbol};`);
  return `import cjs from './${name}.cjs';\n\n${lines.join('\n')}\n`;
}

/**
 * Removes what an earlier build left: a renamed entry or shared chunk would otherwise be published.
 *
 * @param {Map<string, unknown>} files
 */
function removeStale(files) {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    if (/\.(?:cjs|mjs|cjs\.map)$/.test(name) && !files.has(name)) rmSync(join(dist, name));
  }
}
