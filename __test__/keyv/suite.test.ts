/** Keyv's own test suite for storage adapters, in the test runner that it is written for. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

interface Report {
  numTotalTests: number;
  numPassedTests: number;
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}

/** Tests of @keyv/test-suite 2.1 for a store: its API, values, namespaces and iteration. */
const LEAST_OF_EACH = 42;

test("Keyv's own test suite passes on both caches", () => {
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const args = [vitest, 'run', '--root', join(__dirname, 'suite'), '--reporter', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
  const start = stdout.indexOf('{');
  assert.notEqual(start, -1, `vitest reported nothing: ${stdout}${stderr}`);
  const report = JSON.parse(stdout.slice(start)) as Report;
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status !== 'passed');
  assert.deepEqual(
    failed.map(({ fullName, failureMessages }) => [fullName, failureMessages[0]]),
    [],
  );
  assert.equal(report.numPassedTests, report.numTotalTests);
  for (const cache of ['SharedCache, utf8', 'SharedCache, json', 'BoundedCache .', 'BoundedCache with']) {
    const own = results.filter(({ fullName }) => fullName.startsWith(cache.replace(' .', '')));
    assert.ok(own.length >= LEAST_OF_EACH, `${own.length} tests of ${cache}`);
  }
});
