// The same as load.mjs from the other side: `require` first, `import()` after.

const assert = require('node:assert/strict');
const plateau = require('plateau');
const compat = require('plateau/lru-cache');
const forExpress = require('plateau/express');
const forFastify = require('plateau/fastify');
const keyv = require('plateau/keyv');
const otel = require('plateau/otel');
const prometheus = require('plateau/prometheus');
const rateLimit = require('plateau/rate-limit');

assert.equal(plateau.version, require('plateau/package.json').version);

(async () => {
  sameNames(plateau, await import('plateau'));
  sameNames(compat, await import('plateau/lru-cache'));
  sameNames(forExpress, await import('plateau/express'));
  sameNames(forFastify, await import('plateau/fastify'));
  sameNames(otel, await import('plateau/otel'));
  sameNames(prometheus, await import('plateau/prometheus'));
  sameNames(keyv, await import('plateau/keyv'));
  sameNames(rateLimit, await import('plateau/rate-limit'));
})();

/** Not whether there are more: for an `import()` in CommonJS, Deno takes the `require` file and adds names of its own. */
function sameNames(required, imported) {
  for (const name of Object.keys(required)) assert.equal(required[name], imported[name], name);
}
