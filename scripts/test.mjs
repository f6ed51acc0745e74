/**
 * Runs the tests: `npm test` all of them, `npm test -- cache/ttl native rust` only those named.
 *
 * A name is a file or folder of `__test__/` without its ending, or `rust` for the crate's own tests.
 * Whatever is out of date is built first, so that nobody tests yesterday's code; with `--prebuilt` nothing
 * is, and the crate's own tests are left out, for a machine without Rust that got the addon from another.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildJs } from './build-js.mjs';
import { buildNative } from './build-native.mjs';
import { cargoLocked, Failure, root, run, runMain } from './project.mjs';

const tests = join(root, '__test__');
const isTest = /\.test\.m?ts$/;
/** Generous: a limit for a test that hangs, not for one that is slow. */
const TIMEOUT_MS = 600_000;
/** Files at a time. Three also on two cores, where Node would run one: many tests wait, for traffic or for timers. */
const AT_ONCE = Math.max(3, availableParallelism() - 1);
/** Up to so many files that failed are run again: in more it is no chance. */
const MOST_AGAIN = 5;

await runMain(async () => {
  const { values, positionals } = parseArgs({
    options: { prebuilt: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const all = positionals.length === 0;
  const files = select(all ? [''] : positionals.filter((name) => name !== 'rust'));
  if ((all && !values.prebuilt) || positionals.includes('rust')) {
    run('cargo', ['test', ...cargoLocked, '--no-default-features']);
  }
  if (files.length > 0) {
    if (!values.prebuilt) await buildWhatIsStale();
    runFiles(files);
  }
});

/**
 * Runs the files, and those that failed once more, each by itself: on a loaded machine what waits for traffic, timers
 * and collections can come too late. What fails twice has failed; what does not is named, as it may be a race.
 *
 * @param {string[]} files
 */
function runFiles(files) {
  const failed = attempt(files, AT_ONCE);
  if (failed.length === 0) return;
  const names = failed.map((file) => relative(root, file)).join(', ');
  if (failed.length > MOST_AGAIN) throw new Failure(`tests failed in ${failed.length} files: ${names}`);
  console.log(`\nplateau: once more and alone, since they failed: ${names}\n`);
  const again = attempt(failed, 1);
  if (again.length > 0)
    throw new Failure(`tests failed twice in ${again.map((file) => relative(root, file)).join(', ')}`);
  console.log(`\nplateau: all passed, but FLAKY, as they had failed before: ${names}`);
  if (process.env.GITHUB_ACTIONS) console.log(`::warning title=Flaky tests::${names}`);
}

/**
 * The files in which tests failed.
 *
 * @param {string[]} files
 * @param {number} concurrency
 * @returns {string[]}
 */
function attempt(files, concurrency) {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-tests-'));
  const list = join(folder, 'failed');
  try {
    run(process.execPath, [
      ...['--import', 'tsx', '--expose-gc', '--test', `--test-timeout=${TIMEOUT_MS}`],
      ...[`--test-concurrency=${concurrency}`, '--test-reporter=spec', '--test-reporter-destination=stdout'],
      `--test-reporter=${pathToFileURL(join(root, 'scripts/failures.mjs'))}`,
      ...[`--test-reporter-destination=${list}`, ...files],
    ]);
    return [];
  } catch (error) {
    // The runner gives a path as it was given to it, or as it has resolved it.
    const named = statSync(list, { throwIfNoEntry: false }) ? readFileSync(list, 'utf8').split('\n') : [];
    const failed = files.filter((file) => named.some((each) => each !== '' && resolve(each) === file));
    if (!(error instanceof Failure) || failed.length === 0) throw error;
    return failed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The test files that the names stand for. Expanded here because Node 20's runner takes no patterns.
 *
 * @param {string[]} names
 */
function select(names) {
  const available = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((path) => isTest.test(path) && !path.includes('node_modules'))
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted();
  /** @type {Set<string>} */
  const selected = new Set();
  for (const name of names) {
    const wanted = name
      .replace(/^(?:\.\/)?__test__\//, '')
      .replace(/\/$/, '')
      .replace(isTest, '');
    const found = available.filter((path) => {
      const bare = path.replace(isTest, '');
      return wanted === '' || bare === wanted || bare.startsWith(`${wanted}/`);
    });
    if (found.length === 0)
      throw new Failure(`no test is called "${name}" (looked in ${relative(root, tests)}/)`);
    for (const path of found) selected.add(join(tests, path));
  }
  return [...selected];
}

async function buildWhatIsStale() {
  if (newest(['src', 'build.rs', 'Cargo.toml', 'Cargo.lock']) > oldestAddon()) buildNative();
  const js = ['lib', 'package.json', 'scripts/build-js.mjs', 'scripts/build-page.mjs'];
  if (newest(js) > timeOf('dist/index.cjs')) await buildJs();
}

/** @param {string[]} paths */
function newest(paths) {
  const times = paths.flatMap((path) => {
    const inside = statSync(join(root, path)).isDirectory()
      ? readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
      : [];
    return [path, ...inside.map((name) => join(path, name))].map(timeOf);
  });
  return Math.max(...times);
}

/** The addon of this machine; were there several, the oldest decides. */
function oldestAddon() {
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'));
  return addons.length === 0 ? 0 : Math.min(...addons.map(timeOf));
}

/** @param {string} path */
function timeOf(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
