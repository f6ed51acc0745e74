import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { currentPlatform, platformName, triplesOf } from '../../dist/testing.cjs';
import manifest from '../../package.json';

test('this machine has exactly one addon name, and it is the one the build uses', () => {
  const triples = triplesOf(currentPlatform());
  assert.equal(triples.length, 1);
  assert.ok(existsSync(join(__dirname, `../../plateau.${triples[0]}.node`)));
});

test('every target that is released has a platform package under the name the loader asks for', () => {
  const platforms = [
    { os: 'linux', arch: 'x64', libc: 'glibc' },
    { os: 'linux', arch: 'arm64', libc: 'glibc' },
    { os: 'linux', arch: 'x64', libc: 'musl' },
    { os: 'linux', arch: 'arm64', libc: 'musl' },
    { os: 'darwin', arch: 'x64', libc: undefined },
    { os: 'darwin', arch: 'arm64', libc: undefined },
    { os: 'win32', arch: 'x64', libc: undefined },
    { os: 'win32', arch: 'arm64', libc: undefined },
  ] as const;
  assert.equal(platforms.length, manifest.napi.targets.length);
  for (const platform of platforms) {
    const [triple] = triplesOf(platform);
    const folder = join(__dirname, '../../npm', String(triple));
    const own = require(join(folder, 'package.json'));
    assert.equal(own.name, `plateau-${triple}`);
    assert.equal(own.version, manifest.version);
    assert.equal(own.main, `plateau.${triple}.node`);
    assert.deepEqual(own.files, [own.main]);
    assert.deepEqual(own.os, [platform.os]);
    assert.deepEqual(own.cpu, [platform.arch]);
    assert.deepEqual(own.libc, platform.libc && [platform.libc]);
  }
});

test('a platform is named with its C library where that matters', () => {
  assert.equal(platformName({ os: 'linux', arch: 'x64', libc: 'musl' }), 'linux x64 (musl)');
  assert.equal(platformName({ os: 'linux', arch: 'x64', libc: undefined }), 'linux x64 (unknown libc)');
  assert.equal(platformName({ os: 'darwin', arch: 'arm64', libc: undefined }), 'darwin arm64');
});
