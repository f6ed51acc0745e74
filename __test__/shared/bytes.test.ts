/** `stats().bytes` is what the process has grown by, and that stays level whatever sizes come. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

interface Turn {
  bytes: number;
  grown: number;
}

test('fifteen turnovers with changing sizes: the bytes told are those of the process, and they stay level', (t) => {
  if (process.platform !== 'linux') return t.skip('the resident memory of other systems says less');
  const script = join(__dirname, 'fixtures/soak.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script], {
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(stderr, '');
  const { max, turns, cleared } = JSON.parse(stdout) as { max: number; turns: Turn[]; cleared: Turn };
  assert.equal(turns.length, 15);
  // Since Node 24 V8 keeps up to 64 MiB of pages for young objects that it does not count.
  const uncounted = Number(process.versions.node.split('.')[0]) >= 24 ? 64 * 2 ** 20 : 0;
  for (const { bytes, grown } of turns) {
    assert.ok(bytes <= max && bytes > 0.95 * max, `${bytes} of ${max} bytes`);
    assert.ok(
      Math.abs(grown - bytes) < 0.1 * bytes + uncounted,
      `the process has grown by ${grown}, ${bytes} told`,
    );
  }
  // A round of the same sizes takes what the one before took; the first fills the allocator's own reserves.
  const [first, second] = [turns.slice(5, 10), turns.slice(10)];
  const floor = (half: Turn[]): number => Math.min(...half.map(({ grown }) => grown));
  assert.ok(Math.abs(floor(second) - floor(first)) < 0.03 * max + uncounted, JSON.stringify(turns));
  assert.ok(cleared.bytes < 0.01 * max && cleared.grown < 0.1 * max + uncounted, JSON.stringify(cleared));
});

test('what was read of a key that is too long is given back', () => {
  const script = `
    const { SharedCache } = require('plateau');
    const cache = new SharedCache({ name: 'long keys', maxBytes: 2 ** 20 });
    const uses = [
      (key) => cache.get(key),
      (key) => cache.set(key, 'v'),
      (key) => cache.getMany(['a', key, 'b']),
      (key) => cache.setMany([['a', 'v'], [key, 'v']]),
    ];
    const attempt = (use) => {
      try { use('x'.repeat(32 * 2 ** 20)); return 'taken'; } catch (error) { return error.code; }
    };
    const resident = () => { gc(); gc(); return process.memoryUsage().rss - process.memoryUsage().heapTotal; };
    const before = resident();
    const codes = uses.map(attempt);
    console.log(JSON.stringify({ codes, grown: resident() - before, held: cache.getMany(['a', 'b']) }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', script], {
    cwd: __dirname,
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  const { codes, grown, held } = JSON.parse(stdout) as { codes: string[]; grown: number; held: unknown[] };
  assert.deepEqual(codes, Array(4).fill('PLATEAU_OUT_OF_RANGE'));
  assert.deepEqual(held, [null, null]);
  assert.ok(grown < 48 * 2 ** 20, `${grown} bytes more`);
});

test('segments that are made in advance: counted, given back, and no reason for a process to stay', () => {
  const script = `
    const { SharedCache } = require('plateau');
    const { Worker } = require('node:worker_threads');
    const fill = \`
      const { SharedCache } = require('plateau');
      const cache = new SharedCache({ name: 'large', maxBytes: 256 * 2 ** 20 });
      for (let i = 0; ; i++) cache.set('from a worker ' + (i % 400), 'w'.repeat(65536));
    \`;
    const cache = new SharedCache({ name: 'large', maxBytes: 256 * 2 ** 20 });
    for (let i = 0; i < 400; i++) cache.set('key ' + i, String(i).padEnd(65536));
    const later = () => new Promise((resolve) => setTimeout(resolve, 200));
    later().then(async () => {
      const rounds = [];
      for (let round = 0; round < 3; round++) {
        const worker = new Worker(fill, { eval: true });
        await later();
        await worker.terminate();
        const { bytes, entries } = cache.stats();
        const whole = cache.get('key 7') === '7'.padEnd(65536);
        cache.clear();
        rounds.push({ bytes, entries, whole, cleared: cache.stats().bytes });
        for (let i = 0; i < 400; i++) cache.set('key ' + i, String(i).padEnd(65536));
      }
      console.log(JSON.stringify(rounds));
    });
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: __dirname,
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  const rounds = JSON.parse(stdout) as Array<
    Record<'bytes' | 'entries' | 'cleared', number> & { whole: boolean }
  >;
  assert.equal(rounds.length, 3);
  for (const { bytes, entries, whole, cleared } of rounds) {
    const held = entries * 65_536;
    // Two segments that are being filled, one in reserve, up to three made in advance, and a tenth.
    assert.ok(bytes > held && bytes < 1.1 * held + 6 * 2 ** 21, JSON.stringify(rounds));
    assert.ok(whole && entries >= 400 && cleared < 2 ** 20, JSON.stringify(rounds));
  }
});
