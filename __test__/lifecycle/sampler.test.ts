import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { report, run } from './child';

test('floors are those that collections leave, while the event loop is saturated', async () => {
  const found =
    await report<Record<'truth' | 'major' | 'floors' | 'worst' | 'newest' | 'spread', number>>('floor');
  assert.ok(found.truth >= 5 && found.floors >= 4, JSON.stringify(found));
  assert.equal(found.major, found.truth);
  // Had the heap been read at some other moment, or another's floor been taken, it would be off by the spread.
  assert.ok(found.spread > 1.1, JSON.stringify(found));
  assert.ok(found.worst < 0.03 && found.newest < 0.03, JSON.stringify(found));
});

test('samplers come and go by the thousand, workers with them, and nothing stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-sampler-'));
  type Measured = Record<'malloc' | 'heap' | 'threads' | 'files' | 'listeners', number>;
  try {
    const { before, after, boxes } = await report<{ before: Measured; after: Measured; boxes: number }>(
      'sampler-churn',
      [folder],
      { node: ['--expose-gc'] },
    );
    const grown = `from ${JSON.stringify(before)} to ${JSON.stringify(after)}`;
    assert.ok(after.malloc - before.malloc < 600_000, grown);
    assert.ok(after.heap - before.heap < 1_000_000, grown);
    assert.ok(after.threads <= before.threads + 2, grown);
    assert.ok(after.files <= before.files + 2, grown);
    assert.equal(after.listeners, before.listeners);
    // 1,050 recordings of dead samplers: those beyond the bound are gone.
    assert.ok(boxes <= 40, `${boxes} files`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a process with a sampler ends when it has nothing more to do, in silence', async () => {
  const { code, stdout, stderr } = await run('sampler-idle');
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'done\n', stderr: '' });
});

test('a process that was suspended goes on, with a gap in its history', async () => {
  const { code, stdout, stderr } = await run('sampler-suspended', [], {
    onOutput: (text, kill) => {
      if (!text.endsWith('suspend me\n')) return;
      kill('SIGSTOP');
      setTimeout(() => kill('SIGCONT'), 4_000);
    },
  });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const { gap, after, verdict } = JSON.parse(stdout.split('\n')[1] ?? '') as Record<string, unknown>;
  assert.ok((gap as number) >= 3_000, `a gap of ${gap} ms`);
  assert.ok((after as number) >= 2);
  assert.equal(verdict, 'not-enough-data');
});
