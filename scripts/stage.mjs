/**
 * Lays out what is published, ready for `npm publish` or `npm pack`: `node scripts/stage.mjs <folder>` makes
 * `<folder>/plateau` and a `<folder>/plateau-<triple>` for each addon there is at the root of the repository
 * (`--all`: for each platform, or it fails), and prints the folders in the order in which to publish them.
 *
 * The published manifest is not the repository's. It has no scripts and no devDependencies, since nothing
 * runs at installation, and it has the platform packages as optional dependencies, which the repository must
 * not have: before the first release they do not exist, and `npm install` in a clone would look for them.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { platforms } from './platforms.mjs';
import { Failure, manifest, npm, root, runMain } from './project.mjs';

/** The fields of the repository's manifest that mean something to its users. */
const PUBLISHED_FIELDS = [
  ...['name', 'version', 'description', 'keywords', 'license', 'author', 'homepage', 'bugs', 'repository'],
  ...['type', 'main', 'types', 'exports', 'bin', 'sideEffects', 'engines'],
  ...['dependencies', 'peerDependencies', 'peerDependenciesMeta'],
];

/**
 * @param {string} folder
 * @returns {{ main: string, platforms: string[] }} the staged folders
 */
export function stage(folder) {
  const main = join(folder, manifest.name);
  rmSync(main, { recursive: true, force: true });
  for (const path of publishedFiles()) {
    mkdirSync(dirname(join(main, path)), { recursive: true });
    copyFileSync(join(root, path), join(main, path));
  }
  writeManifest(main, publishedManifest());
  const built = platforms.filter(({ addon }) => existsSync(join(root, addon)));
  return { main, platforms: built.map((platform) => stagePlatform(folder, platform)) };
}

/** Asks npm itself which files `files` selects, so that what is staged is what npm would publish. */
function publishedFiles() {
  const [command, ...args] = npm('pack', '--dry-run', '--json', '--ignore-scripts');
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Failure(`npm pack failed:\n${stderr}`);
  /** @type {{ files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>} */
  const packed = JSON.parse(stdout);
  const [{ files }] = Object.values(packed);
  return files.map(({ path }) => path).filter((path) => path !== 'package.json');
}

function publishedManifest() {
  const known = PUBLISHED_FIELDS.filter((field) => field in manifest);
  return {
    ...Object.fromEntries(known.map((field) => [field, manifest[field]])),
    ...provenance(),
    optionalDependencies: Object.fromEntries(platforms.map((own) => [own.packageName, manifest.version])),
  };
}

/** npm ties a release to the workflow that made it only where the manifest names the same repository. */
function provenance() {
  const repository = process.env.GITHUB_REPOSITORY;
  if (!repository) return {};
  return { repository: { type: 'git', url: `git+https://github.com/${repository}.git` } };
}

/**
 * @param {string} folder
 * @param {import('./platforms.mjs').Platform} platform
 */
function stagePlatform(folder, { triple, packageName, addon }) {
  const target = join(folder, packageName);
  const source = join(root, 'npm', triple);
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, { recursive: true });
  copyFileSync(join(root, addon), join(target, addon));
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeManifest(target, { ...manifestOf(source), ...provenance() });
  return target;
}

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/**
 * @param {string} folder
 * @param {object} content
 */
function writeManifest(folder, content) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(() => {
    const { values, positionals } = parseArgs({
      options: { all: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [folder] = positionals;
    if (folder === undefined) throw new Failure('which folder? `node scripts/stage.mjs <folder> [--all]`');
    const missing = platforms.filter(({ addon }) => !existsSync(join(root, addon)));
    // A release without one of its platforms would be noticed only by the people who use that platform.
    if (values.all && missing.length > 0) {
      throw new Failure(`no addon for ${missing.map(({ triple }) => triple).join(', ')}`);
    }
    const staged = stage(resolve(folder));
    console.log([...staged.platforms, staged.main].join('\n'));
  });
}
