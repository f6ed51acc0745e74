/**
 * Finds and loads the native addon.
 *
 * Two places, in this order: `plateau.<triple>.node` beside the package's code (a clone builds it there)
 * and the platform package `plateau-<triple>` (an installed package brings it along). An addon of another
 * version is an error rather than a reason to look further: falling back would hide a stale build.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { plateauError } from '../errors';
import { version } from '../version';
import type { NativeBinding } from './binding';
import { currentPlatform, type Platform, platformName, triplesOf } from './platform';

/** How many folders above this file the package's root may be: `lib/native` in a clone, `dist` when built. */
const MAX_LEVELS = 2;

/** What the loader depends on; the tests replace parts of it. */
export interface LoadOptions {
  /** Where to load for. */
  platform?: Platform;
  /** The version the addon must have. */
  expected?: string;
  /** The file from which folders and packages are looked up. */
  from?: string;
  /** Loads a file or a package. */
  load?: (id: string) => unknown;
  /** Whether there is a file to load. */
  exists?: (path: string) => boolean;
}

/** One place that was looked at, and why it did not serve. */
interface Attempt {
  place: string;
  failure: string;
}

/** Loads the addon, or throws one error that says everything that was tried. */
export function loadNative(options: LoadOptions = {}): NativeBinding {
  const {
    platform = currentPlatform(),
    expected = version,
    from = thisFile(),
    exists = existsSync,
  } = options;
  const load = options.load ?? createRequire(from);
  const attempts: Attempt[] = [];
  for (const triple of triplesOf(platform)) {
    for (const path of localFiles(from, triple)) {
      if (!exists(path)) {
        attempts.push({ place: path, failure: 'no such file' });
        continue;
      }
      const binding = tryLoad(path, path, load, attempts);
      if (binding !== undefined) return checked(binding, expected, path);
    }
    const name = `plateau-${triple}`;
    const binding = tryLoad(name, `package ${name}, looked up from ${dirname(from)}`, load, attempts);
    if (binding !== undefined) return checked(binding, expected, name);
  }
  throw missing(platform, attempts);
}

/** A bundler that makes an ES module of this file leaves no `__filename`: then the working folder has to do. */
function thisFile(): string {
  return typeof __filename === 'string' ? __filename : join(process.cwd(), 'index.cjs');
}

function localFiles(from: string, triple: string): string[] {
  const paths: string[] = [];
  let folder = dirname(from);
  for (let level = 0; level <= MAX_LEVELS; level++) {
    paths.push(join(folder, `plateau.${triple}.node`));
    folder = dirname(folder);
  }
  return paths;
}

function tryLoad(
  id: string,
  place: string,
  load: (id: string) => unknown,
  attempts: Attempt[],
): NativeBinding | undefined {
  try {
    const binding = load(id) as Partial<NativeBinding> | null | undefined;
    if (typeof binding?.version === 'function') return binding as NativeBinding;
    attempts.push({ place, failure: 'loaded, but it is not an addon of plateau' });
  } catch (error) {
    attempts.push({ place, failure: firstLine(error) });
  }
  return undefined;
}

/** The rest of a "Cannot find module" message is a require stack that says nothing about the reason. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] || 'failed without a message';
}

function checked(binding: NativeBinding, expected: string, place: string): NativeBinding {
  const actual = binding.version();
  if (actual === expected) return binding;
  throw plateauError(
    'PLATEAU_NATIVE_VERSION',
    `plateau ${expected} found a native addon of version ${actual} in ${place}. ` +
      'In a clone, rebuild it with `npm run build:native`; elsewhere, reinstall plateau so that it and its ' +
      'platform package have the same version.',
  );
}

function missing(platform: Platform, attempts: readonly Attempt[]): Error {
  const runtime = process.versions.bun
    ? `Bun ${process.versions.bun}`
    : process.versions.deno
      ? `Deno ${process.versions.deno}`
      : `Node.js ${process.version}`;
  const tried = attempts.map(({ place, failure }) => `  - ${place}: ${failure}`).join('\n');
  const packages = triplesOf(platform).map((triple) => `plateau-${triple}`);
  return plateauError(
    'PLATEAU_NATIVE_MISSING',
    `plateau has no native addon for ${platformName(platform)}, ${runtime}. Looked for:\n${tried}\n` +
      `An installed plateau gets its addon from the optional dependency ${packages.join(' or ')}: install with ` +
      'optional dependencies, on the platform that will run it. In a clone, `npm run build:native` compiles it.',
  );
}
