/** The demo with all that it waits for: about a hundred seconds, since no sooner does a sampler call a leak. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const demo = join(__dirname, '../../examples/demo/run.mjs');
const folder = mkdtempSync(join(tmpdir(), 'plateau-demo-'));
after(() => rmSync(folder, { recursive: true }));

test('the samplers call the leaking app a leak of the right size, and the fixed one healthy', async () => {
  const json = join(folder, 'result.json');
  const html = join(folder, 'report.html');
  const child = spawn(process.execPath, [demo, '--seconds', '2', '--json', json, '--html', html], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  assert.equal(code, 0, stderr);

  const { leaking, fixed } = JSON.parse(readFileSync(json, 'utf8')).sampled;
  const heap = (app: typeof leaking) =>
    app.verdict.trends.find(({ place }: { place: string }) => place === 'heap');
  assert.equal(leaking.verdict.verdict, 'leak', leaking.verdict.evidence);
  assert.equal(leaking.verdict.place, 'heap');
  assert.ok(heap(leaking).growing);
  const ratio = heap(leaking).perRequest.value / leaking.forced.bytesPerRequest;
  assert.ok(ratio > 0.85 && ratio < 1.15, `${ratio} times what forced collections say`);
  assert.equal(fixed.verdict.verdict, 'healthy', fixed.verdict.evidence);
  assert.ok(heap(fixed).perRequest.value < heap(leaking).perRequest.value / 20);
  for (const { verdict, forced } of [leaking, fixed]) {
    // The rest is the warm-up's, and of the last second.
    assert.ok(verdict.requests > forced.requests * 0.8, `${verdict.requests} requests counted`);
    assert.ok(verdict.floor > 0 && verdict.toldAfter > 20);
  }

  const page = readFileSync(html, 'utf8');
  for (const shown of ['leak', 'healthy', 'bytes/request', 'by forced GC']) {
    assert.ok(stdout.includes(shown) && page.includes(shown), shown);
  }
  assert.match(stderr, /waiting for the verdicts/);
});
