/** `snapshotTo` and `restoreFrom`. That every damaged byte is noticed is shown in `src/shared/model.rs`. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { open } from './support';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'plateau-shared-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a snapshot brings back keys of all kinds, values and times to live', async (t) => {
  const file = join(folder(t), 'cache');
  const cache = open<unknown>(t, { codec: 'json', compress: 100 });
  cache
    .set('a', { text: '€'.repeat(200) })
    .set('\ud800', 1, { ttl: 60_000 })
    .set(Buffer.from([0, 255]), [null]);
  cache.set('gone', 'x', { ttl: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await cache.snapshotTo(file), 3);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const other = open<unknown>(t, { codec: 'json' });
  other.set('b', 'stays');
  assert.equal(await other.restoreFrom(file), 3);
  assert.deepEqual(other.get('a'), { text: '€'.repeat(200) });
  assert.equal(other.get('\ud800'), 1);
  assert.ok((other.remainingTtl('\ud800') as number) <= 60_000);
  assert.deepEqual(other.get(Buffer.from([0, 255])), [null]);
  assert.equal(other.get('b'), 'stays');
});

test('a second snapshot takes the place of the first, and leaves nothing beside it', async (t) => {
  const where = folder(t);
  const cache = open(t);
  for (const value of ['first', 'second']) {
    cache.set('a', value);
    await cache.snapshotTo(join(where, 'cache'));
  }
  assert.deepEqual(readdirSync(where), ['cache']);
  const other = open(t);
  await other.restoreFrom(join(where, 'cache'));
  assert.equal(other.get('a'), 'second');
});

test('a file that is damaged, cut, foreign or of another codec is refused whole', async (t) => {
  const where = folder(t);
  const file = join(where, 'cache');
  const cache = open(t);
  for (let i = 0; i < 100; i++) cache.set(`key ${i}`, 'x'.repeat(i));
  await cache.snapshotTo(file);
  const whole = readFileSync(file);
  const other = open(t);
  other.set('a', 'stays');
  const damaged = Buffer.from(whole);
  damaged[whole.length >> 1] = (damaged[whole.length >> 1] as number) ^ 1;
  for (const bytes of [
    damaged,
    whole.subarray(0, -1),
    whole.subarray(0, 40),
    Buffer.alloc(0),
    Buffer.from('{}'.repeat(99)),
    Buffer.concat([whole, Buffer.from('x')]),
  ]) {
    writeFileSync(file, bytes);
    await assert.rejects(other.restoreFrom(file), (error: Error & { code: string }) => {
      assert.equal(error.code, 'PLATEAU_NOT_A_SNAPSHOT');
      return error.message.startsWith(file);
    });
    assert.deepEqual([...other], [['a', 'stays']]);
  }
  writeFileSync(file, whole);
  const json = open<unknown>(t, { codec: 'json' });
  await assert.rejects(json.restoreFrom(file), { code: 'PLATEAU_NOT_A_SNAPSHOT', message: /codec 'utf8'/ });
});

test('what the system refuses is an error that says so', async (t) => {
  const cache = open(t);
  await assert.rejects(cache.restoreFrom(join(folder(t), 'none')), {
    code: 'PLATEAU_SNAPSHOT',
    message: /none: /,
  });
  await assert.rejects(cache.snapshotTo('/proc/none/cache'), { code: 'PLATEAU_SNAPSHOT' });
});
