/** What `captureHeap` and `plateau heap` do on a disk that is full: say so, and leave nothing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { captureHeap } from 'plateau';
import { smallDisk } from '../small-disk';

const root = join(__dirname, '../..');

for (const options of [{}, { redact: true }, { compress: 'gzip' as const }]) {
  test(`captureHeap ${JSON.stringify(options)}: before, and where it is tried all the same`, async (t) => {
    const folder = smallDisk(t, '256k');
    if (folder === undefined) return;
    const path = join(folder, 'a.heapsnapshot');
    await assert.rejects(captureHeap({ path, ...options }), {
      code: 'PLATEAU_SNAPSHOT',
      message: /has .* left, and a snapshot would need .*; pass force: true/,
    });
    await assert.rejects(captureHeap({ path, force: true, ...options }), {
      code: 'PLATEAU_SNAPSHOT',
      message: /cannot be written: .*(ENOSPC|No space left)/i,
    });
    assert.deepEqual(readdirSync(folder), []);
  });
}

test('plateau heap: a page and a redacted copy that have no room', async (t) => {
  const folder = smallDisk(t, '64k');
  if (folder === undefined) return;
  const own = mkdtempSync(join(tmpdir(), 'plateau-full-'));
  t.after(() => rmSync(own, { recursive: true, force: true }));
  const { path } = await captureHeap({ path: join(own, 'a.heapsnapshot') });
  writeFileSync(join(folder, 'filler'), Buffer.alloc(60_000));
  const heap = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'dist/cli.cjs'), 'heap', ...args], { encoding: 'utf8' });
  const page = heap(path, '--html', join(folder, 'a.html'));
  assert.equal(page.status, 2, page.stderr);
  assert.match(page.stderr, /a\.html cannot be written: No space left on device/);
  const copy = heap('redact', path, join(folder, 'b.heapsnapshot'));
  assert.equal(copy.status, 2, copy.stderr);
  assert.match(copy.stderr, /No space left on device/);
  assert.deepEqual(readdirSync(folder), ['filler']);
});
