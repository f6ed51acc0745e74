import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createGzip, gzipSync } from 'node:zlib';
import {
  type CompareHeapsOptions,
  compareHeaps,
  type HeapComparison,
  type HeapFinding,
  type HeapSource,
} from 'plateau';

const fixture = join(__dirname, 'fixtures/leaks.cjs');
const lines = readFileSync(fixture, 'utf8').split('\n');
const folder = mkdtempSync(join(tmpdir(), 'plateau-compare-'));
const files = [1, 2, 3].map((number) => join(folder, `${number}.heapsnapshot`));
let found: HeapComparison;

before(async () => {
  const run = spawnSync(process.execPath, ['--expose-gc', fixture, folder], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  found = await compareHeaps(files, { sources: true });
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The line with a mark. */
function marked(mark: string): number {
  return lines.findIndex((line) => line.endsWith(`// ${mark}`)) + 1;
}

function the(what: string, is: (finding: HeapFinding) => boolean): HeapFinding {
  const all = found.findings.filter(is);
  assert.equal(
    all.length,
    1,
    `${what}: ${JSON.stringify(
      found.findings.map(({ title }) => title),
      undefined,
      1,
    )}`,
  );
  return all[0] as HeapFinding;
}

const holds = (name: string) => (finding: HeapFinding) => finding.trace.some((step) => step.name === name);

for (const [name, pattern, mark = pattern] of [
  ['cache', 'unbounded-cache'],
  ['bus', 'listeners'],
  ['stopping', 'listeners', 'abort'],
  ['audit', 'module-arrays'],
  ['hooks', 'closures'],
  ['ready', 'promises'],
  ['files', 'native'],
  ['ids', 'strings'],
  ['state', 'unbounded-cache', 'copied'],
  ['story', 'strings', 'log'],
  ['visits', 'instances'],
] as const) {
  test(`${mark}: the pattern, what holds it, and the line`, () => {
    const finding = the(mark, holds(name));
    assert.equal(finding.pattern, pattern, finding.path);
    assert.equal(finding.file, fixture);
    assert.deepEqual([finding.place?.file, finding.place?.line], [fixture, marked(mark)], finding.path);
    assert.match(finding.path, /^module leaks\.cjs → /);
    if (mark !== 'log')
      assert.ok(Math.abs(finding.count - 150) <= 5 || pattern === 'promises', `${finding.count}`);
    assert.ok(finding.bytes > 150 * 100, `${finding.bytes}`);
    // The same again after the second.
    assert.ok(
      Math.abs(finding.newBytes / finding.bytes - 1) < 0.2,
      `${finding.newBytes} of ${finding.bytes}`,
    );
    assert.ok(finding.confidence >= 0.7, `${finding.confidence}`);
    assert.ok(finding.evidence.length > 0 && finding.fix.length > 20);
  });
}

test('timers: the pattern, what holds it, and the line', () => {
  const finding = the('timers', ({ pattern }) => pattern === 'timers');
  assert.deepEqual([finding.place?.file, finding.place?.line], [fixture, marked('timers')]);
  assert.equal(finding.className, 'Timeout');
});

test('nothing else has grown', () => {
  assert.equal(found.findings.length, 12, found.findings.map(({ title }) => title).join('\n'));
  assert.equal(found.snapshots, 3);
  const sum = found.findings.reduce((bytes, finding) => bytes + finding.bytes, 0);
  assert.ok(sum > 0.97 * found.grownBytes && sum <= found.grownBytes, `${sum} of ${found.grownBytes}`);
});

test('classes by their growth', () => {
  const visit = found.classes.find(({ name }) => name === 'Visit');
  assert.equal(visit?.count, 150);
  assert.deepEqual(
    found.classes.map(({ bytes }) => bytes),
    found.classes.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
  );
});

test('without sources, the functions that V8 knows', async () => {
  const { findings } = await compareHeaps(files);
  const listeners = findings.find(holds('bus'));
  assert.equal(listeners?.placeIs, 'function');
  assert.equal(listeners?.place?.function, 'onData');
});

test('two snapshots are compared as well', async () => {
  const two = await compareHeaps([files[0] as string, files[2] as string]);
  assert.equal(two.snapshots, 2);
  const cache = two.findings.find(holds('cache'));
  assert.equal(cache?.count, 300);
  assert.equal(cache?.newBytes, 0);
});

test('whatever a snapshot is read from, the answer is the same', async () => {
  const [first = '', second = '', third = ''] = files;
  const plain = await compareHeaps(files);
  const pieces = Readable.from(
    (function* () {
      const bytes = readFileSync(second);
      for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
    })(),
  );
  assert.deepEqual(await compareHeaps([pathToFileURL(first), pieces, readFileSync(third)]), plain);
  writeFileSync(join(folder, 'packed.gz'), gzipSync(readFileSync(first)));
  const packed = [
    join(folder, 'packed.gz'),
    createReadStream(second).pipe(createGzip()),
    gzipSync(readFileSync(third)),
  ] satisfies HeapSource[];
  assert.deepEqual(await compareHeaps(packed), plain);
  const text = createReadStream(third, { encoding: 'utf8' });
  assert.deepEqual(await compareHeaps([first, second, text]), plain);
});

test('tells how far it is', async () => {
  const told: Array<{ share: number; stage: string }> = [];
  await compareHeaps(files, { onProgress: (progress) => told.push(progress) });
  assert.deepEqual(
    told.map(({ share }) => share),
    told.map(({ share }) => share).toSorted((a, b) => a - b),
  );
  assert.equal(told.at(-1)?.stage, 'comparing');
});

test('aborts, with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = compareHeaps(files, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(running, reason);
  await assert.rejects(compareHeaps(files, { signal: AbortSignal.abort(reason) }), reason);
  const stream = new Readable({ read() {} });
  const slow = new AbortController();
  const waiting = compareHeaps([stream, stream], { signal: slow.signal });
  setTimeout(() => slow.abort(reason), 20);
  await assert.rejects(waiting, reason);
  assert.ok(stream.destroyed);
});

test('what is no snapshot is said to be none, and where that shows', async () => {
  const [first = ''] = files;
  const cut = join(folder, 'cut.heapsnapshot');
  writeFileSync(cut, readFileSync(first).subarray(0, -100_000));
  const wrong: Array<[HeapSource, string, RegExp]> = [
    [join(folder, 'none'), 'PLATEAU_SNAPSHOT', /none cannot be read: ENOENT/],
    [folder, 'PLATEAU_SNAPSHOT', /cannot be read: EISDIR/],
    [fixture, 'PLATEAU_NOT_A_SNAPSHOT', /leaks\.cjs: not a heap snapshot: byte 0: /],
    [
      cut,
      'PLATEAU_NOT_A_SNAPSHOT',
      /cut\.heapsnapshot: the heap snapshot is cut: it ends after \d+ bytes, within /,
    ],
    [new Uint8Array(0), 'PLATEAU_NOT_A_SNAPSHOT', /^snapshot 1: /],
    [Readable.from([Buffer.from('{}')]), 'PLATEAU_NOT_A_SNAPSHOT', /^snapshot 1: not a heap snapshot/],
    [
      gzipSync(readFileSync(first)).subarray(0, 5000),
      'PLATEAU_SNAPSHOT',
      /^snapshot 1 cannot be read: unexpected end/,
    ],
  ];
  for (const [source, code, message] of wrong) {
    await assert.rejects(compareHeaps([source, first]), { name: 'Error', code, message });
  }
});

test('bad arguments are thrown at once, by name', () => {
  const [first = '', second = ''] = files;
  const call = (snapshots: unknown, options?: unknown) => () =>
    compareHeaps(snapshots as HeapSource[], options as CompareHeapsOptions);
  assert.throws(call([first]), {
    name: 'TypeError',
    code: 'PLATEAU_INVALID_ARGUMENT',
    message: /two or three/,
  });
  assert.throws(call([first, 7]), { code: 'PLATEAU_INVALID_ARGUMENT', message: /^snapshots\[1\] must be/ });
  assert.throws(call([first, '']), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(call([first, new URL('http://localhost/')]), { code: 'PLATEAU_INVALID_ARGUMENT' });
  for (const [options, code, message] of [
    [{ limit: 0 }, 'PLATEAU_OUT_OF_RANGE', /^limit must be/],
    [{ limit: '5' }, 'PLATEAU_INVALID_OPTION', /^limit must be/],
    [{ roots: 'here' }, 'PLATEAU_INVALID_OPTION', /^roots must be/],
    [{ sources: 1 }, 'PLATEAU_INVALID_OPTION', /^sources must be/],
    [{ signal: 1 }, 'PLATEAU_INVALID_OPTION', /^signal must be/],
    [{ onProgress: 1 }, 'PLATEAU_INVALID_OPTION', /^onProgress must be/],
    [{ limits: 1 }, 'PLATEAU_INVALID_OPTION', /there is no option "limits"/],
  ] as const) {
    assert.throws(call([first, second], options), { code, message });
  }
});
