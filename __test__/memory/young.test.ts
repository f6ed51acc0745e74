/** What old objects may take of the heap: V8's limit less what only young ones can use. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MemoryPressure } from 'plateau';

const MIB = 2 ** 20;
const testing = JSON.stringify(join(__dirname, '../../dist/testing.cjs'));
/** Of the main thread and of a worker: the limit, the share, and what V8 tells the worker. */
const ASK = `const { Worker, isMainThread, parentPort, resourceLimits } = require('node:worker_threads');
  const limit = require('node:v8').getHeapStatistics().heap_size_limit;
  const told = { limit, young: require(${testing}).youngShare(limit), v8: resourceLimits?.maxYoungGenerationSizeMb };
  if (!isMainThread) parentPort.postMessage(told);
  else new Worker(process.env.ASK, { eval: true }).on('message', (worker) =>
    console.log(JSON.stringify({ main: told, worker })));`;

interface Told {
  limit: number;
  young: number;
  v8: number;
}

function ask(options: string[], env = ''): { main: Told; worker: Told } {
  const run = spawnSync(process.execPath, [...options, '-e', ASK], {
    encoding: 'utf8',
    env: { ...process.env, ASK, NODE_OPTIONS: env },
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

test('without options it is what V8 tells workers, or near', () => {
  const { main, worker } = ask([]);
  assert.equal(worker.young, worker.v8 * MIB);
  assert.ok(
    Math.abs(main.young - worker.young) <= 0.1 * main.limit,
    `${main.young} and ${worker.young} of ${main.limit}`,
  );
});

test('with options it is what they leave', () => {
  for (const told of [
    ask(['--max-old-space-size=96']),
    ask(['--max_old_space_size=96']),
    ask([], '--max-old-space-size=500 --max-old-space-size=96'),
    ask(['--max-old-space-size=96'], '--max-old-space-size=500'),
  ])
    assert.equal(told.main.limit - told.main.young, 96 * MIB);
  assert.equal(ask(['--max-semi-space-size=8']).main.young, 24 * MIB);
});

test('pressure is told before the old generation is full, however large the limit is that V8 tells', () => {
  const fixture = join(__dirname, 'fixtures/nearly-full.cjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=128', fixture],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  assert.equal(status, 0, stderr);
  const told = JSON.parse(stdout) as MemoryPressure & { old: number };
  assert.deepEqual([told.limit, told.bytes], ['heap', 128 * MIB]);
  // Young objects do not count.
  assert.ok(Math.abs(told.used - told.old) < 4 * MIB, `${told.used} and ${told.old}`);
});
