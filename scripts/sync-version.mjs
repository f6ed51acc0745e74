/**
 * Makes everything that repeats package.json agree with it: the version in Cargo.toml, Cargo.lock and
 * lib/version.ts, and the platform packages in npm/. Runs on `npm version`; with `--check` it changes
 * nothing and fails when something differs (`npm run check:manifests`).
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platforms } from './platforms.mjs';
import { Failure, manifest, replaceFile, root, runMain } from './project.mjs';

await runMain(() => {
  const wrong = [...expectedFiles()].filter(([path, content]) => read(path) !== content);
  const known = new Set(platforms.map(({ triple }) => triple));
  const extra = readdirSync(join(root, 'npm')).filter((name) => !known.has(name));
  if (extra.length > 0)
    throw new Failure(`npm/ has folders that no napi target stands for: ${extra.join(', ')}`);

  if (!process.argv.includes('--check')) {
    for (const [path, content] of wrong) replaceFile(join(root, path), content);
  } else if (wrong.length > 0) {
    const paths = wrong.map(([path]) => path).join(', ');
    throw new Failure(`${paths} do not agree with package.json; run \`npm run sync\``);
  }
});

/** What each file should contain, by its path in the repository. */
function expectedFiles() {
  const { version } = manifest;
  const files = new Map([
    ['Cargo.toml', withVersion('Cargo.toml', /(\[package\][^[]*?\nversion = ")[^"]*/, version)],
    ['Cargo.lock', withVersion('Cargo.lock', /(\nname = "plateau"\nversion = ")[^"]*/, version)],
    ['lib/version.ts', withVersion('lib/version.ts', /(version: string = ')[^']*/, version)],
  ]);
  for (const platform of platforms) {
    files.set(`npm/${platform.triple}/package.json`, platformManifest(platform));
    files.set(`npm/${platform.triple}/README.md`, platformReadme(platform));
  }
  return files;
}

/**
 * @param {string} path
 * @param {RegExp} before what stands before the version, as its first group
 * @param {string} version
 */
function withVersion(path, before, version) {
  const text = readFileSync(join(root, path), 'utf8');
  if (!before.test(text)) throw new Failure(`${path} has no version where ${before} looks for it`);
  return text.replace(before, `$1${version}`);
}

/** @param {string} path */
function read(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
}

/** @param {import('./platforms.mjs').Platform} platform */
function platformManifest({ packageName, addon, target, os, cpu, libc }) {
  const { version, license, author, engines, repository, homepage } = manifest;
  const own = {
    name: packageName,
    version,
    description: `The native addon of plateau for ${target}.`,
    license,
    author,
    repository,
    homepage,
    main: addon,
    files: [addon],
    os: [os],
    cpu: [cpu],
    libc: libc && [libc],
    engines,
    preferUnplugged: true,
  };
  return `${JSON.stringify(own, null, 2)}\n`;
}

/** @param {import('./platforms.mjs').Platform} platform */
function platformReadme({ packageName, target }) {
  return [
    `# ${packageName}`,
    '',
    `The native addon of [plateau](https://www.npmjs.com/package/plateau) for \`${target}\`. Installed`,
    'as an optional dependency where it fits; there is nothing in it to use directly.',
    '',
  ].join('\n');
}
