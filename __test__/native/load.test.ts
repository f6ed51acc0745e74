import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { version } from 'plateau';
import { type LoadOptions, loadNative, native } from '../../dist/testing.cjs';

const folder = resolve('/app/node_modules/plateau');
const from = join(folder, 'dist/index.cjs');
const binding = { version: () => '1.2.3' };

/** A loader for a machine that has only what is listed, by path or package name. */
function machine(has: Record<string, unknown>, rest: LoadOptions = {}): LoadOptions {
  return {
    platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
    expected: '1.2.3',
    from,
    exists: (path) => path in has,
    load(id) {
      if (!(id in has)) throw new Error(`Cannot find module '${id}'\nRequire stack:\n- ${from}`);
      if (has[id] instanceof Error) throw has[id];
      return has[id];
    },
    ...rest,
  };
}

test('the addon of this machine has the version of the package', () => {
  assert.equal(native.version(), version);
  assert.equal(native.buildInfo().debug, false);
});

test('an addon built in the clone is preferred to the platform package', () => {
  const local = join(folder, 'plateau.linux-x64-gnu.node');
  assert.equal(loadNative(machine({ [local]: binding, 'plateau-linux-x64-gnu': {} })), binding);
});

test('without a local addon the platform package is used', () => {
  assert.equal(loadNative(machine({ 'plateau-linux-x64-gnu': binding })), binding);
});

test('a local addon that does not load leaves the platform package', () => {
  const local = join(folder, 'plateau.linux-x64-gnu.node');
  const has = { [local]: new Error('invalid ELF header'), 'plateau-linux-x64-gnu': binding };
  assert.equal(loadNative(machine(has)), binding);
});

test('where the C library is unknown, both kinds of addon are tried', () => {
  const platform = { os: 'linux', arch: 'arm64', libc: undefined };
  assert.equal(loadNative(machine({ 'plateau-linux-arm64-musl': binding }, { platform })), binding);
});

test('a platform without an addon gets one error that says what was looked for and why each place failed', () => {
  const local = join(folder, 'plateau.linux-x64-musl.node');
  const has = { [local]: new Error('Error loading shared library ld-musl'), 'plateau-linux-x64-musl': {} };
  const platform = { os: 'linux', arch: 'x64', libc: 'musl' } as const;
  assert.throws(
    () => loadNative(machine(has, { platform })),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'PLATEAU_NATIVE_MISSING');
      assert.ok(error.message.includes('linux x64 (musl)'));
      assert.ok(error.message.includes(`${join(folder, 'dist/plateau.linux-x64-musl.node')}: no such file`));
      assert.ok(error.message.includes(`${local}: Error loading shared library ld-musl`));
      assert.ok(error.message.includes('package plateau-linux-x64-musl, looked up from'));
      assert.ok(error.message.includes('it is not an addon of plateau'));
      assert.ok(!error.message.includes('Require stack'));
      return true;
    },
  );
});

test('an unsupported platform is named in the error', () => {
  const platform = { os: 'aix', arch: 'ppc64', libc: undefined };
  assert.throws(() => loadNative(machine({}, { platform })), {
    code: 'PLATEAU_NATIVE_MISSING',
    message: /no native addon for aix ppc64, .*package plateau-aix-ppc64/s,
  });
});

test('an addon of another version is an error and not a reason to look further', () => {
  const local = join(folder, 'plateau.linux-x64-gnu.node');
  const has = { [local]: { version: () => '1.2.2' }, 'plateau-linux-x64-gnu': binding };
  assert.throws(() => loadNative(machine(has)), {
    code: 'PLATEAU_NATIVE_VERSION',
    message: /plateau 1\.2\.3 found a native addon of version 1\.2\.2 in .*plateau\.linux-x64-gnu\.node/,
  });
});
