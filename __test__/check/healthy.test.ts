/** Apps that look as if they leaked for a while, and do not. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { app, QUICK, runCheck } from './support';

test('a bounded cache that fills while it is looked at', async (t) => {
  const { code, report } = await runCheck(t, ['--requests', '300', ...app('healthy.cjs')]);
  assert.equal(code, 0, report.summary);
  assert.equal(report.verdict, 'healthy');
  assert.match(report.summary, /^no growth: -?\d+ bytes per request, of which 50 are allowed$/);
});

test('what expires after three seconds', async (t) => {
  const { code, report } = await runCheck(t, ['--requests', '300', '--patience', '6s', ...app('ttl.cjs')]);
  assert.equal(code, 0, report.summary);
});

test('what is let go of once nothing is asked for, and no snapshot of it is kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'check-kept-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const args = ['--requests', '300', '--patience', '4s', '--keep-snapshots', folder];
  const { code, report } = await runCheck(t, [...args, ...app('idle.cjs')]);
  assert.equal(code, 0, report.summary);
  assert.match(report.notes.join('\n'), /what grew does not grow on/);
  assert.deepEqual(readdirSync(folder), []);
});

test('the app that leaks only where connections are cut is healthy when none is', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, ...app('cuts.cjs')]);
  assert.equal(code, 0, report.summary);
});

test('threads that are all collected at the same time', async (t) => {
  const { code, report } = await runCheck(t, [...QUICK, ...app('threads.cjs')]);
  assert.equal(code, 0, report.summary);
  assert.equal(report.isolates.length, 7);
});

test('npm start, a script as load, and a HAR file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'check-npm-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const manifest = { name: 'app', scripts: { start: `node ${JSON.stringify(app('healthy.cjs').at(-1))}` } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const scenario = join(__dirname, 'fixtures/scenario.mjs');
  const npm = ['--', 'npm', '--prefix', folder, 'start'];
  const scripted = await runCheck(t, ['--requests', '300', '--scenario', scenario, ...npm]);
  assert.equal(scripted.code, 0, scripted.report.summary);
  assert.deepEqual(
    scripted.report.isolates.map(({ name }) => name.split(',')[0]),
    ['healthy.cjs'],
    'npm is not judged',
  );
  const har = join(folder, 'a.har');
  const request = (method: string, url: string) => ({
    request: { method, url, headers: [{ name: 'X-A', value: 'b' }] },
  });
  const entries = [request('GET', 'https://shop.example/a?b=c'), request('DELETE', 'https://shop.example/d')];
  writeFileSync(
    har,
    JSON.stringify({ log: { entries: [...entries, request('GET', 'https://cdn.example/e')] } }),
  );
  const replayed = await runCheck(t, ['--requests', '300', '--har', har, ...app('healthy.cjs')]);
  assert.equal(replayed.code, 0, replayed.report.summary);
  assert.deepEqual(
    replayed.report.targets.map((target) => target.replace(/:\d+/, '')),
    ['GET http://127.0.0.1/a?b=c', 'DELETE http://127.0.0.1/d'],
  );
});
