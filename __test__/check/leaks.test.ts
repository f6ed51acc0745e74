/** Apps that leak: the exit code, what is said of them, and that nothing is left of the check. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { app, QUICK, runCheck, startCheck } from './support';

test('an ES module that adds listeners: text, HTML, JUnit, Markdown, GitHub and snapshots say which and where', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'check-out-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);
  const files = [
    '--html',
    at('a.html'),
    '--junit',
    at('a.xml'),
    '--markdown',
    at('a.md'),
    '--json',
    at('a.json'),
  ];
  const snapshots = ['--keep-snapshots', at('snapshots')];
  const run = startCheck(t, [...QUICK, ...files, ...snapshots, '--github', ...app('leak-listeners.mjs')]);
  assert.equal(await run.code, 1, run.err);
  assert.match(
    run.out,
    /^leak: leak-listeners\.mjs, process \d+ keeps \d+ bytes of JavaScript objects of each request/,
  );
  const where = /leak-listeners\.mjs:10/;
  for (const text of [
    run.out,
    ...['a.html', 'a.xml', 'a.md'].map((name) => readFileSync(at(name), 'utf8')),
  ]) {
    assert.match(text, where);
    assert.match(text, /listeners never removed/);
  }
  assert.match(run.out, /^::error file=__test__\/check\/fixtures\/leak-listeners\.mjs,line=10,/m);
  assert.ok(!run.out.includes('\u001b'), 'no colours in a pipe');
  assert.ok(
    !/<(?:script|link|img)|https?:\/\/(?!127\.0\.0\.1)/.test(readFileSync(at('a.html'), 'utf8')),
    'loads nothing',
  );
  assert.equal(readdirSync(at('snapshots')).length, 3);
  const report = JSON.parse(readFileSync(at('a.json'), 'utf8'));
  const [finding] = report.findings;
  assert.equal(finding.pattern, 'listeners');
  assert.ok(finding.bytesPerRequest > 100, `${finding.bytesPerRequest}`);
  assert.ok(
    report.listeners.some(
      ({ event, line }: { event: string; line: number }) => event === 'price' && line === 10,
    ),
  );
});

test('a CommonJS app with a Map that only grows', async (t) => {
  const { code, report } = await runCheck(t, [
    ...QUICK,
    '--url',
    '/a',
    '--url',
    '/b',
    ...app('leak-map.cjs'),
  ]);
  assert.equal(code, 1);
  assert.equal(report.findings[0]?.pattern, 'unbounded-cache');
  assert.match(String(report.findings[0]?.place?.file), /leak-map\.cjs$/);
  const heap = report.isolates[0]?.signals.heap;
  assert.ok(heap !== undefined && heap.low > 80 && heap.high < 300, JSON.stringify(heap));
  assert.equal(report.load.failed, 0);
  assert.deepEqual(Object.keys(report.load.statuses), ['200']);
});

test('without snapshots, the functions whose allocations stay are told', async (t) => {
  const run = startCheck(t, [...QUICK, '--no-snapshots', ...app('leak-map.cjs')]);
  assert.equal(await run.code, 1, run.err);
  assert.match(
    run.out,
    /Functions whose allocations are still there\n.*leak-map\.cjs:\d+ allocated [\d.]+ (?:KiB|MiB) of it/,
  );
});

test('hundreds of kilobytes per request: in small rounds, and without snapshots that would take all the time', async (t) => {
  const args = ['--patience', '0', '--timeout', '80s'];
  const { code, report } = await runCheck(t, [...args, ...app('leak-huge.cjs')]);
  assert.equal(code, 1, report.summary);
  assert.ok(report.roundSize <= 70, `${report.roundSize} requests a round`);
  assert.match(report.notes.join('\n'), /no snapshots: three of a heap of \d+ MiB/);
  assert.match(String(report.allocations[0]?.file), /leak-huge\.cjs$/);
});

test('the workers of a cluster leak, and their primary does not', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, ...app('cluster.cjs')]);
  assert.equal(code, 1);
  const verdicts = report.isolates.map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, ['healthy', 'leak', 'leak']);
  // Each request is that of one of them.
  const [, one, other] = report.isolates.map(({ floors }) => floors.at(-1)?.requests ?? 0);
  assert.equal(
    (one ?? 0) + (other ?? 0),
    report.roundSize * (report.isolates[0]?.floors.length ?? 0) - report.roundSize,
  );
  assert.match(String(report.findings[0]?.place?.file), /cluster\.cjs$/);
});

test('a worker thread leaks what the main thread gives it', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, ...app('worker.cjs')]);
  assert.equal(code, 1);
  assert.match(String(report.culprit), /^worker 1 of process \d+$/);
  assert.match(String(report.findings[0]?.place?.file), /worker\.cjs$/);
});

test('connections that are cut are what leaks', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, '--abort-ratio', '50%', ...app('cuts.cjs')]);
  assert.equal(code, 1);
  assert.equal(report.load.cut, Math.floor(report.load.sent / 2));
  assert.match(String(report.findings[0]?.place?.file), /cuts\.cjs$/);
});

test('WebSockets that are cut are what leaks', async (t) => {
  const args = [
    ...QUICK,
    '--requests',
    '200',
    '--websocket',
    '/feed',
    '--message',
    'x',
    '--abort-ratio',
    '0.5',
  ];
  const { code, report } = await runCheck(t, [...args, ...app('websocket.cjs')]);
  assert.equal(code, 1, report.summary);
  assert.match(String(report.findings[0]?.place?.file), /websocket\.cjs$/);
});

test('TypeScript through a watcher: the line is that of the source, and the watcher is not judged', async (t) => {
  const watcher = ['--', 'npx', 'tsx', 'watch', join(__dirname, 'fixtures/typed.ts')];
  const { code, report } = await runCheck(t, [...QUICK, ...watcher]);
  assert.equal(code, 1, report.summary);
  assert.deepEqual(report.isolates.map(({ name }) => name.split(',')[0]).slice(0, 1), ['typed.ts']);
  const place = report.findings[0]?.place;
  assert.match(`${place?.file}:${place?.line}`, /typed\.ts:13$/);
});

test('what a dependency keeps: its line, and the function of the program that makes it; who sets timers', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, '--url', '/{n}', ...app('dependency.cjs')]);
  assert.equal(code, 1, report.summary);
  const finding = report.findings.find(({ place }) => /node_modules\/prom-client/.test(place?.file ?? ''));
  const own = finding?.places.find(({ file }) => file.endsWith('dependency.cjs'));
  assert.ok(own && [7, 11].includes(own.line), JSON.stringify(finding?.places));
  assert.match(
    finding?.evidence.at(-1) ?? '',
    /^Most of what stays was allocated in calls by .* at .*dependency\.cjs:\d+\.$/,
  );
  const timers = report.handles.filter(({ type }) => type === 'Timeout');
  assert.deepEqual(
    timers.map(({ file, line }) => `${basename(file)}:${line}`),
    ['dependency.cjs:13'],
  );
});
