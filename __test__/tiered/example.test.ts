/** `npm run example:tiered`: two processes with two worker threads each, on one Redis. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { withoutRedis } from './fixtures/redis';

test('the example runs under load, loads each product once, and leaves no key without an expiry', {
  skip: withoutRedis,
}, () => {
  const script = join(__dirname, '../../examples/tiered/run.mjs');
  const { REDIS_URL: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    env: { ...env, NODE_OPTIONS: '', SECONDS: '3' },
    encoding: 'utf8',
    timeout: 100_000,
  });
  assert.equal(stderr, '');
  assert.equal(status, 0, stdout);
  const [, products, asked, changes] =
    /(\d+) products were asked for; the database was asked (\d+) times, of which (\d+)/.exec(stdout) ?? [];
  assert.ok(Number(products) > 100, stdout);
  // A load that a price change overtakes may be done twice.
  assert.ok(Number(asked) <= Number(products) + 2 * Number(changes), stdout);
  assert.match(stdout, / keys in Redis, 0 of them without an expiry/);
  assert.match(stdout, / prices changed, 0 old ones seen/);
});
