/** `captureHeap`, and what a redacted snapshot has and has not. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, suite, test } from 'node:test';
import * as zlib from 'node:zlib';
import { captureHeap, type HeapCapture } from 'plateau';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'plateau-capture-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Unlike any word of a program's; made here, so that no file has them. */
const part = 'q7'.toUpperCase();
const secrets = {
  apiKey: `sk_live_51${part}hxYApiKey`,
  email: `zoe.${part}@customer.example`,
  mapKey: `customer-${part}-map-key-`,
  objectKey: `Tenant${part}objectKey`,
  smallKey: `small${part}Key`,
  sharedKey: `shared${part}xKey`,
  buffer: `buffer ${part} content`,
  concatenated: `rope ${part} piece, `,
  sliced: `slice ${part} of a text`,
  symbol: `symbol${part}Description`,
  symbolKey: `symbolKey${part}Description`,
  regexp: `pattern${part}of.secrets`,
  template: `template ${part} literal`,
  wide: `breit${part}große`,
  code: `code${part}literal`,
  error: `message ${part} of an error`,
  event: `event${part}name`,
  className: `Class${part}Name`,
  functionName: `function${part}Name`,
  weakValue: `weak${part}Value`,
  number: '4155550123',
  url: `https://example.test/path${part}?token=${part}`,
  json: `{"iban${part}":"DE00 ${part} 4711"}`,
};
const environment = `environment ${part} variable`;

function captured(options: object): HeapCapture {
  const list = join(folder, 'secrets.json');
  writeFileSync(list, JSON.stringify(secrets));
  const fixture = join(__dirname, 'fixtures/secrets.cjs');
  const env = { ...process.env, [`SECRET_${part}`]: environment };
  const run = spawnSync(process.execPath, [fixture, list, JSON.stringify(options)], {
    env,
    encoding: 'utf8',
    cwd: root,
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as HeapCapture;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which each test looks at what it knows
function look(...args: string[]): any {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const run = spawnSync(process.execPath, [join(root, 'dist/cli.cjs'), 'heap', ...args, '--json'], options);
  assert.deepEqual([run.status, run.stderr], [0, '']);
  return JSON.parse(run.stdout);
}

/** What of the secrets is in a snapshot, also in pieces; as it stands, and without JSON's escapes. */
function found(json: string): string[] {
  const text = `${json}\n${JSON.parse(json).strings.join('\n')}`;
  const all = [...Object.values(secrets), environment];
  // Pieces in which part of a secret could be, such as its numbers.
  const pieces = [part, part.toLowerCase(), '4155550123', '4205550123', '日本語', 'customer.example', 'DE00'];
  return [...all, ...pieces].filter((secret) => text.includes(secret));
}

suite('captureHeap', () => {
  test('without redact everything is in the file: the search finds it', () => {
    const path = join(folder, 'raw.heapsnapshot');
    const { bytes } = captured({ path });
    assert.equal(statSync(path).size, bytes);
    const text = readFileSync(path, 'utf8');
    const missing = Object.entries(secrets).filter(([, secret]) => !found(text).includes(secret));
    // V8 shows no buffers, and nothing of numbers and URLs as they stand here.
    const names = missing
      .map(([name]) => name)
      .filter((name) => !['buffer', 'json', 'number', 'sliced'].includes(name));
    assert.deepEqual(names, []);
  });

  test('with redact no secret is in the file, and the analysis still has its names', () => {
    const path = join(folder, 'redacted.heapsnapshot');
    captured({ path, redact: true });
    assert.deepEqual(found(readFileSync(path, 'utf8')), []);
    const classes = look('summary', path, '--limit', '1000').classes.map(
      (row: { class: string }) => row.class,
    );
    for (const name of ['Session', 'EventEmitter', 'Map', 'Error']) assert.ok(classes.includes(name), name);
    const { heldBy } = look('retainers', 'Session', path);
    assert.equal(heldBy[0].objects, 100);
    assert.match(JSON.stringify(heldBy), /sessions/);
    const { objects } = look('query', 'class = "Session" limit 1', path);
    assert.match(objects[0].place.file, /secrets\.cjs$/);
    const { list } = look('closures', path, '--limit', '1000');
    assert.ok(
      list.some((site: { variables: { name: string }[] }) =>
        site.variables.some(({ name }) => name === 'token'),
      ),
    );
    const { biggest } = look('collections', path, '--limit', '100');
    assert.ok(
      biggest.some((one: { kind: string; entries: number }) => one.kind === 'map' && one.entries === 100),
    );
    // The one with listeners: names of Node's events stay.
    assert.match(readFileSync(path, 'utf8'), /"_events"[\s\S]*"data"/);
  });

  test('sizes and references are those of the original', () => {
    const original = join(folder, 'raw.heapsnapshot');
    const copy = join(folder, 'copy.heapsnapshot.gz');
    const args = [join(root, 'dist/cli.cjs'), 'heap', 'redact', original, copy];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const [before, after] = [look('summary', original), look('summary', copy)];
    for (const name of ['objects', 'references', 'bytes']) assert.equal(before[name], after[name], name);
    assert.deepEqual(before.parts, after.parts);
    assert.deepEqual(found(zlib.gunzipSync(readFileSync(copy)).toString('utf8')), []);
    const again = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(again.status, 2);
    assert.match(again.stderr, /is there already: --overwrite replaces it/);
  });

  test('a function says what is written instead', () => {
    const path = join(folder, 'lengths.heapsnapshot');
    captured({ path, redact: 'length' });
    const text = readFileSync(path, 'utf8');
    assert.deepEqual(found(text), []);
    assert.ok(text.includes(`"<${secrets.email.length}>"`));
    assert.ok(!text.includes('"redacted:'));
  });

  test('compressed snapshots are read by plateau', () => {
    const kinds = ['gzip', ...('createZstdCompress' in zlib ? ['zstd'] : [])];
    for (const compress of kinds) {
      for (const redact of [false, true]) {
        const path = join(folder, `${compress}-${redact}`);
        captured({ path, compress, redact });
        assert.ok(look('summary', path).objects > 10_000, path);
      }
    }
  });

  test('the file is for its owner alone, and nothing else is left', {
    skip: process.platform === 'win32',
  }, async () => {
    const inside = mkdtempSync(join(folder, 'inside-'));
    const path = join(inside, 'own.heapsnapshot');
    const done = await captureHeap(path);
    assert.equal(done.path, path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await assert.rejects(captureHeap(path), {
      code: 'PLATEAU_SNAPSHOT',
      message: /is there already; pass overwrite/,
    });
    await captureHeap({ path, overwrite: true, compress: 'gzip' });
    assert.deepEqual(readdirSync(inside), ['own.heapsnapshot']);
  });

  test('what is wrong is said before the event loop is blocked, and leaves no file', async () => {
    const inside = mkdtempSync(join(folder, 'wrong-'));
    const path = join(inside, 'x.heapsnapshot');
    for (const [options, code] of [
      [{}, 'PLATEAU_INVALID_OPTION'],
      [{ path: '' }, 'PLATEAU_INVALID_OPTION'],
      [{ path, compress: 'brotli' }, 'PLATEAU_INVALID_OPTION'],
      [{ path, redact: 'yes' }, 'PLATEAU_INVALID_OPTION'],
      [{ path, overwrite: 1 }, 'PLATEAU_INVALID_OPTION'],
      [{ path, redacted: true }, 'PLATEAU_INVALID_OPTION'],
      [{ path, dir: inside }, 'PLATEAU_INVALID_OPTION'],
      [{ dir: inside, maxFiles: 0 }, 'PLATEAU_OUT_OF_RANGE'],
      [{ dir: inside, cooldown: -1 }, 'PLATEAU_OUT_OF_RANGE'],
      [{ dir: inside, maxBytes: '1MB' }, 'PLATEAU_INVALID_OPTION'],
      [42, 'PLATEAU_INVALID_ARGUMENT'],
    ] as const) {
      assert.throws(() => captureHeap(options as never), { code });
    }
    await assert.rejects(captureHeap(inside), { code: 'PLATEAU_SNAPSHOT', message: /directory/ });
    await assert.rejects(captureHeap(join(inside, 'none', 'x')), {
      code: 'PLATEAU_SNAPSHOT',
      message: /ENOENT/,
    });
    const reason = new Error('changed my mind');
    await assert.rejects(captureHeap({ path, signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const under = captureHeap({ path, compress: 'gzip', signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(under, reason);
    await assert.rejects(
      captureHeap({
        path,
        redact: () => {
          throw reason;
        },
      }),
    );
    assert.deepEqual(readdirSync(inside), []);
  });

  test('a folder keeps the newest, as many as it may, and nothing for a while after', async () => {
    const dir = join(folder, 'kept', 'heaps');
    const paths: string[] = [];
    for (let count = 0; count < 3; count++) {
      paths.push((await captureHeap({ dir, maxFiles: 2, compress: 'gzip', minFreeDisk: 0 })).path);
    }
    writeFileSync(join(dir, 'mine.heapsnapshot'), 'of somebody else');
    assert.deepEqual(readdirSync(dir).sort(), [
      ...paths.slice(1).map((path) => basename(path)),
      'mine.heapsnapshot',
    ]);
    await assert.rejects(captureHeap({ dir, cooldown: 60_000 }), {
      code: 'PLATEAU_SNAPSHOT',
      message: /has a snapshot of \d+ s ago: the next may be taken in \d+ s/,
    });
    const last = await captureHeap({ dir, maxBytes: 1, minFreeDisk: 0 });
    assert.deepEqual(readdirSync(dir).sort(), [basename(last.path), 'mine.heapsnapshot']);
    await assert.rejects(captureHeap({ dir, minFreeDisk: 1e18 }), {
      code: 'PLATEAU_SNAPSHOT',
      message: /MiB left, and a snapshot would need/,
    });
    await assert.rejects(captureHeap({ dir, minFreeMemory: 1e15 }), { code: 'PLATEAU_NOT_ENOUGH_MEMORY' });
  });

  test('it refuses where the memory for it is not there', async () => {
    const path = join(folder, 'too-large');
    const available = Object.getOwnPropertyDescriptor(process, 'availableMemory');
    Object.defineProperty(process, 'availableMemory', { value: () => 1_000_000, configurable: true });
    try {
      await assert.rejects(captureHeap(path), {
        code: 'PLATEAU_NOT_ENOUGH_MEMORY',
        message: /may take [\d,]+ MiB of memory for a while, and 1 MiB are free; pass force: true/,
      });
      await captureHeap({ path, force: true });
    } finally {
      if (available === undefined) Reflect.deleteProperty(process, 'availableMemory');
      else Object.defineProperty(process, 'availableMemory', available);
    }
  });
});
