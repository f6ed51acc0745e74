/** What fills and has a bound is no leak, and hides none. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { BoundedCache } from 'plateau';
import { expectNoLeak } from 'plateau/test';
import { app, QUICK, runCheck } from './support';

const args = [...QUICK, '--url', '/?page={n}'];

for (const kind of ['plateau', 'lru-cache']) {
  test(`a cache of ${kind} that is far from full`, async (t) => {
    const { code, report, err } = await runCheck(t, [...args, ...app('bounded.cjs', kind)]);
    assert.equal(code, 0, `${report.summary}\n${err}`);
    assert.deepEqual([report.verdict, report.findings, report.filling.length], ['healthy', [], 1]);
    const name = kind === 'plateau' ? 'BoundedCache' : 'LRUCache';
    const told = new RegExp(
      `^what grows has a bound: ${name} pages in bounded\\.cjs holds [\\d,]+ of 500,000 entries, about [\\d.]+ MiB when it is full$`,
    );
    assert.match(report.summary, told);
    const [filling] = report.filling;
    assert.ok(filling && filling.held > 1000 && filling.most === 500_000);
    assert.ok(filling.bytesAtBound > 5e7 && filling.bytesAtBound < 5e8, String(filling.bytesAtBound));
  });
}

test('a leak beside a cache that fills', async (t) => {
  const { code, report } = await runCheck(t, [...args, ...app('bounded.cjs', 'lru-cache', 'leak')]);
  assert.equal(code, 1, report.summary);
  assert.match(report.findings[0]?.title ?? '', /Array visits in bounded\.cjs/);
  assert.match(report.notes.join('\n'), /it fills, and has a bound: LRUCache pages in bounded\.cjs holds/);
  assert.ok(report.findings.every(({ path }) => !path.includes('variable pages')));
});

test('descriptors that leak beside a cache that fills, by a scenario of several requests, before there are none', async (t) => {
  const scenario = join(__dirname, 'fixtures/twice.mjs');
  const [, node, fixture] = app('bounded.cjs') as [string, string, string];
  const limited = ['--', 'sh', '-c', `ulimit -n 4000 && exec "${node}" "${fixture}" plateau descriptors`];
  const { code, report, err } = await runCheck(t, ['--patience', '5s', '--scenario', scenario, ...limited]);
  assert.equal(code, 1, `${report.summary}\n${err}`);
  assert.match(report.summary, /file descriptors of each request/);
});

test('entries that grow in a cache that does not', async (t) => {
  const { code, report } = await runCheck(t, [...args, ...app('bounded.cjs', 'plateau', 'inside')]);
  assert.equal(code, 1, report.summary);
  assert.match(report.findings[0]?.path ?? '', /history/);
  assert.deepEqual(report.filling, []);
});

test('a bound that is more than the heap has room for', async (t) => {
  const { code, report } = await runCheck(t, [...args, ...app('bounded.cjs', 'plateau', 'huge')]);
  assert.equal(code, 1, report.summary);
  const [finding] = report.findings;
  assert.match(
    finding?.evidence.at(-1) ?? '',
    /^Its bound is too large: BoundedCache pages in bounded\.cjs holds/,
  );
  assert.match(finding?.fix ?? '', /^BoundedCache can have a bound: while it fills, this is no leak\./);
});

test('a shared cache that fills, in native memory', async (t) => {
  const { code, report } = await runCheck(t, [
    '--requests',
    '2000',
    '--patience',
    '0',
    '--url',
    '/?page={n}',
    ...app('shared.cjs'),
  ]);
  assert.equal(code, 0, report.summary);
});

test('expectNoLeak of what fills a cache, and of what leaks beside it', async () => {
  const cache = new BoundedCache<number, object>({ maxEntries: 1e6 });
  await expectNoLeak((i) => void cache.set(i, { i, text: `text ${i}`, at: new Date() }));
  const kept: object[] = [];
  const both = (i: number) => {
    cache.set(-i, { i });
    kept.push({ i, text: `kept ${i}`, at: new Date() });
  };
  await assert.rejects(expectNoLeak(both), /kept/);
});
