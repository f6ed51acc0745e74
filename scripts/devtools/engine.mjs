/**
 * The engine that Chrome's developer tools read heap snapshots with, made into one file that Node loads: what plateau's
 * numbers are compared with, in a test and in a benchmark. The package weighs 80 MB unpacked, so it is no dependency: what
 * is needed of it is bundled once, into a folder for temporary files.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { Failure, npm, replaceFile } from '../project.mjs';

const NAME = 'chrome-devtools-frontend';
export const VERSION = '1.0.1705227';
/** The parts of the package that the engine is made of. */
const PARTS = ['core', 'entrypoints/heap_snapshot_worker', 'models/heap_snapshot'];

/**
 * The path of the engine's file, a module; made if it is not there.
 *
 * @param {{ install?: boolean }} [options] without `install` nothing is fetched: `undefined` where it was not before
 * @returns {Promise<string | undefined>}
 */
export async function devtoolsEngine({ install = true } = {}) {
  const folder = join(tmpdir(), `plateau-devtools-${VERSION}`);
  const file = join(folder, 'engine.mjs');
  if (existsSync(file)) return file;
  if (!install) return undefined;
  const temporary = mkdtempSync(join(tmpdir(), 'plateau-devtools-'));
  try {
    replaceFile(file, await bundle(unpacked(temporary)));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return file;
}

/** @param {string} folder */
function unpacked(folder) {
  const fetching = npm('pack', `${NAME}@${VERSION}`, '--silent', '--pack-destination', folder);
  call(fetching, folder, `${NAME} could not be fetched`);
  const [archive] = readdirSync(folder);
  if (archive === undefined) throw new Failure(`npm has not packed ${NAME}`);
  const parts = PARTS.map((part) => `package/front_end/${part}`);
  call(['tar', '-xzf', archive, ...parts], folder, `${archive} could not be unpacked`);
  return join(folder, 'package/front_end');
}

/**
 * @param {[string, ...string[]]} command
 * @param {string} cwd
 * @param {string} otherwise
 */
function call([program, ...args], cwd, otherwise) {
  const { status, error, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 240_000 });
  if (status !== 0) throw new Failure(`${otherwise}: ${error?.message ?? stderr.trim()}`);
}

/** @param {string} frontEnd */
async function bundle(frontEnd) {
  /** What stands for modules of which only a part is wanted: they would bring half of the developer tools. */
  const parts = {
    'i18n/i18n.js': 'export const i18n = { serializeUIString: (text) => text };',
    'text_utils/text_utils.js': `export * as TextUtils from ${text(join(frontEnd, 'core/text_utils/TextUtils.ts'))};`,
    'heap_snapshot/heap_snapshot.js': `export * as HeapSnapshotModel from ${text(join(frontEnd, 'models/heap_snapshot/HeapSnapshotModel.ts'))};`,
    'platform/platform.js': ['ArrayUtilities', 'MapUtilities', 'StringUtilities', 'TypedArrayUtilities']
      .map((name) => `export * as ${name} from ${text(join(frontEnd, `core/platform/${name}.ts`))};`)
      .join('\n'),
    'common/common.js': 'export {};',
    entry: `
      export { HeapSnapshotLoader } from ${text(join(frontEnd, 'entrypoints/heap_snapshot_worker/HeapSnapshotLoader.ts'))};
      export { SecondaryInitManager } from ${text(join(frontEnd, 'entrypoints/heap_snapshot_worker/HeapSnapshot.ts'))};`,
  };
  const built = await rolldown({
    input: 'entry',
    platform: 'node',
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: 'parts',
        resolveId(source) {
          const part = Object.keys(parts).find((name) => source === name || source.endsWith(`/${name}`));
          if (part) return `\0${part}`;
          return undefined;
        },
        load: (id) => (id.startsWith('\0') ? parts[id.slice(1)] : undefined),
      },
    ],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    logLevel: 'silent',
  });
  try {
    const { output } = await built.generate({ format: 'esm' });
    return output[0].code;
  } finally {
    await built.close();
  }
}

/** @param {string} value */
function text(value) {
  return JSON.stringify(value);
}
