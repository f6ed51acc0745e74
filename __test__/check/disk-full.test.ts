/** On a disk that is full a check still judges, says what it could not write, and leaves nothing. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallDisk } from '../small-disk';
import { app, QUICK, runCheck, startCheck } from './support';

test('no room for snapshots: the verdict, and why there is no more', async (t) => {
  const folder = smallDisk(t, '1m');
  if (folder === undefined) return;
  const { code, report, err } = await runCheck(t, [...QUICK, ...app('leak-map.cjs')], { TMPDIR: folder });
  assert.equal(code, 1, err);
  assert.equal(report.verdict, 'leak');
  assert.match(report.notes.join('\n'), /snapshot.*(no space left|ENOSPC)/i);
  assert.deepEqual(readdirSync(folder), []);
});

test('no room for a report: which file, and exit code 2', async (t) => {
  const folder = smallDisk(t, '4k');
  if (folder === undefined) return;
  const html = join(folder, 'report.html');
  const junit = join(tmpdir(), `disk-full-${process.pid}.xml`);
  t.after(() => rmSync(junit, { force: true }));
  writeFileSync(junit, 'of before', { mode: 0o644 });
  const run = startCheck(t, [...QUICK, '--html', html, '--junit', junit, ...app('leak-map.cjs')]);
  assert.equal(await run.code, 2, run.out + run.err);
  assert.match(run.err, /--html .*report\.html cannot be written: ENOSPC/);
  assert.equal(existsSync(html), false, 'half a page is worse than none');
  assert.match(readFileSync(junit, 'utf8'), /<\/testsuites>\s*$/, 'the other one is there');
  assert.equal(statSync(junit).mode & 0o777, 0o600);
});
