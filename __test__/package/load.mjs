// Copied into an empty project that has plateau installed from its tarballs, and run there by every runtime
// (scripts/pack-smoke.mjs). It may use nothing but Node's own modules and plateau.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as plateau from 'plateau';
import * as compat from 'plateau/lru-cache';

const require = createRequire(import.meta.url);
assert.equal(plateau.version, require('plateau/package.json').version);
assert.ok(!('default' in plateau));
sameNames(plateau, require('plateau'));
sameNames(compat, require('plateau/lru-cache'));
assert.throws(() => require('plateau/testing'), 'internals must not be reachable');

/** However a name is imported it is the same object: one class, one registry of caches per process. */
function sameNames(imported, required) {
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
  for (const name of Object.keys(imported)) assert.equal(imported[name], required[name], name);
}
