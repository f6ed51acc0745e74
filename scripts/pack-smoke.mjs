/**
 * Packs what would be published, installs it in an empty folder without a registry, and uses it there
 * (`npm run smoke`). Everything happens in a temporary folder; the repository is only read.
 *
 * `--no-runtimes` leaves out the other runtimes, which are downloaded once.
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { Failure, npm, root, runMain } from './project.mjs';
import { installRuntime, runtimes } from './runtimes.mjs';
import { stage } from './stage.mjs';

const consumers = ['load.mjs', 'load.cjs'];
/** All that may be in the main package. */
const PUBLISHED_FILE =
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|index\.d\.ts|dist\/[\w-]+\.(?:cjs|cjs\.map|mjs|d\.ts|d\.mts))$/;

await runMain(async () => {
  const { values } = parseArgs({ options: { 'no-runtimes': { type: 'boolean', default: false } } });
  const folder = mkdtempSync(join(tmpdir(), 'plateau-smoke-'));
  try {
    const staged = stage(join(folder, 'staged'));
    const addon = staged.platforms.find((path) => basename(path) === platformPackage());
    if (addon === undefined)
      throw new Failure(`there is no addon for ${platformPackage()}: run \`npm run build\``);
    checkContents(staged.main);
    const main = pack(staged.main, folder);
    const platform = pack(addon, folder);
    done(`packed ${basename(main)} and ${basename(platform)}: no scripts, no stray files`);
    await checkManifest(staged.main, main);
    checkTypes(main);
    checkMissingPlatform(installPackages(folder, 'incomplete', [main]));

    const project = installPackages(folder, 'complete', [main, platform]);
    for (const file of consumers) copyFileSync(join(root, '__test__/package', file), join(project, file));
    load(project, `Node ${process.versions.node}`, process.execPath, []);
    runCommand(project);
    if (!values['no-runtimes']) loadElsewhere(project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} message */
function done(message) {
  console.log(`smoke: ${message}`);
}

/** The name of this machine's platform package, as the loader makes it. */
function platformPackage() {
  const { currentPlatform, triplesOf } = createRequire(import.meta.url)('../dist/testing.cjs');
  return `plateau-${triplesOf(currentPlatform())[0]}`;
}

/** @param {string} main the staged package */
function checkContents(main) {
  const own = JSON.parse(readFileSync(join(main, 'package.json'), 'utf8'));
  for (const field of ['scripts', 'devDependencies', 'napi', 'allowScripts']) {
    if (field in own) throw new Failure(`the published manifest has "${field}"`);
  }
  for (const path of filesIn(main)) {
    if (!PUBLISHED_FILE.test(path) || path.includes('testing'))
      throw new Failure(`${path} would be published`);
    if (readFileSync(join(main, path), 'utf8').includes(root)) {
      throw new Failure(`${path} contains the path of this checkout`);
    }
  }
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}

/**
 * @param {string} source
 * @param {string} folder
 */
function pack(source, folder) {
  const output = must('npm pack', npm('pack', '--silent', '--pack-destination', folder), source);
  return join(folder, output.trim().split('\n').at(-1) ?? '');
}

/**
 * What is wrong with the manifest by publint's rules, down to its suggestions.
 *
 * @param {string} main
 * @param {string} tarball
 */
async function checkManifest(main, tarball) {
  const own = JSON.parse(readFileSync(join(main, 'package.json'), 'utf8'));
  const { buffer } = new Uint8Array(readFileSync(tarball));
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  if (messages.length > 0) {
    throw new Failure(`publint:\n${messages.map((message) => formatMessage(message, own)).join('\n')}`);
  }
  done('publint finds nothing');
}

/**
 * Whether the types resolve, and to the module system that runs. Not for TypeScript's old `node10`
 * resolution, which knows no `exports`: no Node that can run plateau resolves like that.
 *
 * @param {string} tarball
 */
function checkTypes(tarball) {
  const cli = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  must('attw', [process.execPath, cli, '--profile', 'node16', '--no-color', tarball], root);
  done('attw finds nothing');
}

/**
 * Installs tarballs in an empty project. Offline: nothing but the tarballs may be needed, and the platform
 * packages that are not among them have to be as optional as they claim to be.
 *
 * @param {string} folder
 * @param {string} name
 * @param {string[]} tarballs
 */
function installPackages(folder, name, tarballs) {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  must('npm install', npm('install', '--offline', '--no-audit', '--no-fund', ...tarballs), project);
  return project;
}

/** @param {string} project where only the main package is installed */
function checkMissingPlatform(project) {
  for (const args of [
    ['-e', 'require("plateau")'],
    ['--input-type=module', '-e', 'import "plateau"'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    const expected = [
      'PLATEAU_NATIVE_MISSING',
      `${process.platform} ${process.arch}`,
      'Looked for:',
      'package plateau-',
    ];
    const lacking = expected.filter((text) => !stderr.includes(text));
    if (status === 0 || lacking.length > 0) {
      throw new Failure(
        `without its platform package, plateau should fail and name ${lacking}; it said:\n${stderr}`,
      );
    }
  }
  done('without its platform package it says what was looked for');
}

/**
 * @param {string} project
 * @param {string} name
 * @param {string} binary
 * @param {string[]} flags
 */
function load(project, name, binary, flags) {
  for (const file of consumers) must(`${file} on ${name}`, [binary, ...flags, file], project);
  done(`${name} loads it through import and require`);
}

/**
 * The command line as its users start it.
 *
 * @param {string} project
 */
function runCommand(project) {
  const help = must('npx plateau --help', npm('exec', '--offline', '--', 'plateau', '--help'), project);
  for (const command of ['postmortem', 'top']) {
    if (!help.includes(command)) throw new Failure(`plateau --help does not name ${command}:\n${help}`);
  }
  done('npx plateau --help lists its commands');
}

/** @param {string} project */
function loadElsewhere(project) {
  /** @type {string[]} */
  const skipped = [];
  for (const runtime of runtimes) {
    const installed = installRuntime(runtime);
    if ('binary' in installed) load(project, runtime.name, installed.binary, runtime.flags);
    else skipped.push(`${runtime.name} (${installed.unavailable})`);
  }
  // Being offline says nothing about plateau; but nobody should take a skipped runtime for a checked one.
  if (skipped.length > 0) done(`NOT CHECKED, could not be installed: ${skipped.join(', ')}`);
}

/**
 * Runs a command and returns what it printed; its output is shown only when it fails.
 *
 * @param {string} what
 * @param {string[]} commandLine
 * @param {string} cwd
 */
function must(what, [command = '', ...args], cwd) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status === 0) return stdout;
  const reason = error?.message ?? signal ?? `exit ${status}`;
  throw new Failure(`${what} failed (${reason}):\n${stdout}${stderr}`);
}
