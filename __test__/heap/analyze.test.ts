import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type AnalyzeHeapOptions, analyzeHeap, type HeapAnalysis, type HeapSource } from 'plateau';

const folder = mkdtempSync(join(tmpdir(), 'plateau-analyze-'));
const file = join(folder, '3.heapsnapshot');
const looks = ['summary', 'largest', 'duplicates', 'closures', 'collections', 'detached'] as const;

before(() => {
  const fixture = join(__dirname, 'fixtures/leaks.cjs');
  const run = spawnSync(process.execPath, ['--expose-gc', fixture, folder], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a summary and the largest objects, unless others are asked for', async () => {
  const found = await analyzeHeap(file);
  assert.deepEqual(Object.keys(found).toSorted(), ['largest', 'schema', 'summary']);
  const { summary, largest } = found as Required<HeapAnalysis>;
  assert.equal(summary.classes.length, 20);
  // Four rounds of 150.
  const all = await analyzeHeap(file, { looks: ['summary'], limit: 100_000 });
  const visits = all.summary?.classes.find((one) => one.class === 'Visit');
  assert.equal(visits?.count, 600);
  assert.match(visits?.place?.file ?? '', /leaks\.cjs$/);
  assert.equal(all.summary?.moreClasses, 0);
  const parts = summary.parts.reduce((bytes, part) => bytes + part.bytes, 0);
  assert.ok(parts <= summary.bytes && parts > 0.99 * summary.bytes, `${parts} of ${summary.bytes}`);
  const sizes = largest.objects.map(({ object }) => object.retainedSize);
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  );
  assert.ok(
    largest.objects.some(
      ({ object, path }) => object.class === 'Map' && path.some(({ edge }) => /files/.test(edge)),
    ),
  );
});

test('every look, at once', async () => {
  const found = await analyzeHeap(file, { looks: [...looks], limit: 5 });
  assert.deepEqual(Object.keys(found).toSorted(), [...looks, 'schema'].toSorted());
  assert.ok((found.duplicates?.strings.list.length ?? 0) <= 5);
  const map = found.collections?.kinds.find(({ kind }) => kind === 'map');
  assert.ok((map?.entries ?? 0) >= 1200, `${map?.entries}`);
  assert.ok((found.closures?.count ?? 0) >= 4 * 600);
});

test('a query, and who holds a class or an object', async () => {
  const found = await analyzeHeap(file, { query: 'class = "Visit" sort id limit 3', retainers: 'Visit' });
  assert.equal(found.query?.count, 600);
  assert.equal(found.query?.objects.length, 3);
  const holders = found.retainers;
  assert.ok(holders !== undefined && 'class' in holders);
  assert.equal(holders.count, 600);
  const [first] = found.query?.objects ?? [];
  const one = await analyzeHeap(file, { retainers: `@${first?.id}` });
  assert.ok(one.retainers !== undefined && 'object' in one.retainers);
  assert.equal(one.retainers.object.class, 'Visit');
  assert.ok(one.retainers.heldBy.length > 0);
});

test('from a stream the answer is the same', async () => {
  const options: AnalyzeHeapOptions = { looks: ['summary'], limit: 50 };
  assert.deepEqual(await analyzeHeap(createReadStream(file), options), await analyzeHeap(file, options));
});

test('says how far it is, and aborts with the reason', async () => {
  const told: number[] = [];
  await analyzeHeap(file, { onProgress: ({ share }) => told.push(share) });
  assert.ok(told.length >= 2 && told.every((share) => share >= 0 && share <= 1), `${told}`);
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = analyzeHeap(file, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(running, reason);
});

test('what is wrong is said by name', async () => {
  const call = (source: unknown, options?: unknown) => () =>
    analyzeHeap(source as HeapSource, options as AnalyzeHeapOptions);
  assert.throws(call(undefined), { code: 'PLATEAU_INVALID_ARGUMENT', message: /^snapshot must be/ });
  for (const [options, code, message] of [
    [{ looks: ['sumary'] }, 'PLATEAU_INVALID_OPTION', /^looks must be an array of 'summary'/],
    [{ looks: 'summary' }, 'PLATEAU_INVALID_OPTION', /^looks must be/],
    [{ limit: 0 }, 'PLATEAU_OUT_OF_RANGE', /^limit must be/],
    [{ limit: '1' }, 'PLATEAU_INVALID_OPTION', /^limit must be/],
    [{ query: 'clas = "Map"' }, 'PLATEAU_INVALID_OPTION', /^query: .*clas/],
    [{ query: 7 }, 'PLATEAU_INVALID_OPTION', /^query must be/],
    [{ retainers: '' }, 'PLATEAU_INVALID_OPTION', /^retainers must be/],
    [{ signal: {} }, 'PLATEAU_INVALID_OPTION', /^signal must be/],
    [{ onProgress: 1 }, 'PLATEAU_INVALID_OPTION', /^onProgress must be/],
    [{ depth: 1 }, 'PLATEAU_INVALID_OPTION', /there is no option "depth"/],
  ] as const) {
    assert.throws(call(file, options), { code, message });
  }
  await assert.rejects(analyzeHeap(file, { retainers: 'NoSuchClass' }), {
    code: 'PLATEAU_SNAPSHOT',
    message: /3\.heapsnapshot: .*NoSuchClass/,
  });
  await assert.rejects(analyzeHeap(join(folder, 'none')), { code: 'PLATEAU_SNAPSHOT', message: /ENOENT/ });
  await assert.rejects(analyzeHeap(__filename), { code: 'PLATEAU_NOT_A_SNAPSHOT' });
});
