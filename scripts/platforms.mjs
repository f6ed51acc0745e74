/**
 * The platform packages, derived from the Rust targets in package.json. Their names follow the convention
 * of napi-rs, which `lib/native/platform.ts` follows too: `linux-x64-gnu`, `darwin-arm64`.
 */

import { Failure, manifest } from './project.mjs';

/**
 * @typedef {object} Platform
 * @property {string} target the Rust target
 * @property {string} triple the platform in npm's words
 * @property {string} packageName
 * @property {string} addon the file name of the addon
 * @property {string} os as in `process.platform`
 * @property {string} cpu as in `process.arch`
 * @property {string | undefined} libc as in package.json's `libc`
 */

const cpus = { x86_64: 'x64', aarch64: 'arm64' };
const systems = {
  'unknown-linux-gnu': { os: 'linux', abi: '-gnu', libc: 'glibc' },
  'unknown-linux-musl': { os: 'linux', abi: '-musl', libc: 'musl' },
  'apple-darwin': { os: 'darwin', abi: '', libc: undefined },
  'pc-windows-msvc': { os: 'win32', abi: '-msvc', libc: undefined },
};

/** @type {readonly Platform[]} */
export const platforms = manifest.napi.targets.map(platformOf);

/**
 * @param {string} target
 * @returns {Platform}
 */
function platformOf(target) {
  const [machine = '', ...rest] = target.split('-');
  const cpu = cpus[machine];
  const system = systems[rest.join('-')];
  if (cpu === undefined || system === undefined)
    throw new Failure(`the napi target ${target} is not known here`);
  const triple = `${system.os}-${cpu}${system.abi}`;
  return {
    target,
    triple,
    packageName: `plateau-${triple}`,
    addon: `plateau.${triple}.node`,
    os: system.os,
    cpu,
    libc: system.libc,
  };
}
