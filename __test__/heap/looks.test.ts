/** `plateau heap`: each look at a snapshot of a program that is known, and every way in which a file can be wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';

const cli = join(__dirname, '../../dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'plateau-looks-'));
const file = join(folder, 'service.heapsnapshot');

before(() => {
  const fixture = join(__dirname, 'fixtures/service.cjs');
  const run = spawnSync(process.execPath, [fixture, file], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function heap(args: string[], input?: Buffer) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const options = { env, encoding: 'utf8', input, maxBuffer: 1 << 28 } as const;
  return spawnSync(process.execPath, [cli, 'heap', ...args], options);
}

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which each test looks at what it knows
function look(...args: string[]): any {
  const { status, stdout, stderr } = heap([...args, '--json']);
  assert.deepEqual([status, stderr], [0, ''], args.join(' '));
  return JSON.parse(stdout);
}

suite('plateau heap', () => {
  test('a summary has each class with its objects, and parts that are the whole', () => {
    const { schema, look: name, ...found } = look('summary', file, '--limit', '500');
    assert.deepEqual([schema, name, found.file], [1, 'summary', file]);
    const session = found.classes.find((row: { class: string }) => row.class === 'Session');
    assert.equal(session.count, 500);
    assert.match(session.place.file, /service\.cjs$/);
    assert.equal(session.place.line, 6);
    const parts = found.parts.map((part: { bytes: number }) => part.bytes);
    assert.equal(
      parts.reduce((sum: number, bytes: number) => sum + bytes),
      found.bytes,
    );
  });

  test('the largest object is the registry, and not what leads to it', () => {
    const { objects } = look('largest', file);
    const registry = objects.find(
      (large: { object: { class: string } }) => large.object.class === 'Registry',
    );
    assert.ok(registry, JSON.stringify(objects.map((large: { object: object }) => large.object)));
    assert.deepEqual(
      registry.path.map((hop: { edge: string }) => hop.edge),
      ['', '.registry'],
    );
    assert.ok(registry.keeps > 3000);
  });

  test('holders of a class are one tree, and those of an object lead to the root', () => {
    const found = look('retainers', 'Session', file);
    assert.equal(found.count, 500);
    const [way] = found.heldBy;
    // By the map or by the dictionary, of which one explains as much as the other.
    assert.match(way.edge, /entry|\[key\]/);
    assert.deepEqual([way.objects, way.holders, found.more], [500, 1, 0]);
    assert.match(way.heldBy[0].edge, /sessions|byToken/);
    const { id } = found.largest[0];
    const one = look('retainers', `@${id}`, file);
    assert.equal(one.object.id, id);
    assert.equal(one.object.class, 'Session');
    let steps = 0;
    for (let at = one.heldBy; at.length > 0; at = at[0].heldBy) {
      assert.equal(at[0].onPath, true);
      if (at[0].heldBy.length === 0) assert.equal(at[0].state, 'root');
      steps += 1;
    }
    assert.ok(steps >= 3);
  });

  test('equal strings and arrays are counted with what they waste', () => {
    const { strings, arrays } = look('duplicates', file);
    const germany = strings.list.find(
      (one: { content: string }) => one.content === 'Federal Republic of Germany',
    );
    assert.equal(germany.count, 500);
    assert.equal(germany.wasted, 499 * germany.selfSize);
    const tags = arrays.list.find((one: { content: string }) => one.content === '["new", "trusted"]');
    assert.equal(tags.count, 500);
  });

  test('functions are grouped by their line, with the variables they keep', () => {
    const { list } = look('closures', file);
    const greet = list.find((site: { place?: { file: string } }) => site.place?.file.endsWith('service.cjs'));
    assert.equal(greet.count, 500);
    assert.equal(greet.place.line, 11);
    assert.ok(greet.variables.some((variable: { name: string }) => variable.name === 'this'));
  });

  test('collections are counted by kind and size', () => {
    const { biggest } = look('collections', file);
    const of = (kind: string, entries: number) =>
      biggest.some(
        (one: { kind: string; entries: number; exact: boolean }) =>
          one.kind === kind && one.entries === entries && one.exact,
      );
    assert.ok(of('map', 500) && of('set', 300) && of('dictionary', 500), JSON.stringify(biggest));
  });

  test('a query finds what it says', () => {
    const found = look('query', 'class = "Session" and location ~ "service.cjs:6" sort id asc limit 3', file);
    assert.equal(found.count, 500);
    assert.equal(found.objects.length, 3);
    assert.ok(found.objects[0].id < found.objects[1].id);
    // A text in the source begins so, too: V8 keeps it as it is until 14.
    const { count } = look('query', 'name ~ "visitor 1*" and kind = "string"', file);
    assert.ok(count === 111 || count === 112, `${count}`);
  });

  test('a query that is none is refused before the file is read, with the place', () => {
    const { status, stdout, stderr } = heap(['query', 'class = "Session" an self > 1', '/missing']);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /at character 19 of the query/);
    assert.equal((stderr.split('\n')[2] as string).indexOf('^'), 2 + 18);
  });

  test('without a look there is a summary with the largest objects', () => {
    const found = look(file);
    assert.equal(found.look, 'overview');
    assert.ok(found.summary.classes.length > 0 && found.largest.objects.length > 0);
    const { status, stdout } = heap([file]);
    assert.equal(status, 0);
    assert.match(stdout, /Session[\s\S]*Largest objects[\s\S]*Registry/);
  });

  test('compressed files and the standard input are read like others', () => {
    const bytes = readFileSync(file);
    const packed = join(folder, 'packed.gz');
    writeFileSync(packed, gzipSync(bytes));
    const expected = look('summary', file).bytes;
    assert.equal(look('summary', packed).bytes, expected);
    for (const input of [bytes, gzipSync(bytes)]) {
      const { status, stdout, stderr } = heap(['summary', '-', '--json'], input);
      assert.equal(status, 0, stderr);
      assert.equal(JSON.parse(stdout).bytes, expected);
    }
  });

  test('a page needs nothing else, is for its owner, and opens without scripts', () => {
    const page = join(folder, 'page.html');
    writeFileSync(page, 'anything', { mode: 0o644 });
    assert.equal(heap([file, '--html', page]).status, 0);
    const html = readFileSync(page, 'utf8');
    assert.match(html, /<details open[\s\S]*<svg|<svg[\s\S]*<details open/);
    assert.doesNotMatch(html, /<script|<img|<link|src=|href=/);
    assert.match(html, /default-src 'none'/);
    if (process.platform !== 'win32') assert.equal(statSync(page).mode & 0o777, 0o600);
  });

  test('Markdown is tables in which nothing from the snapshot is markup', () => {
    const { status, stdout } = heap(['summary', file, '--markdown', '--limit', '500']);
    assert.equal(status, 0);
    assert.match(stdout, /^### Heap summary\n/);
    assert.match(stdout, /\| `Session` \| 500 \|/);
    assert.match(stdout, /\| `\(string\)` \|/);
  });

  test('what cannot be read is said with the file and the byte, and exits with 2', () => {
    const bytes = readFileSync(file);
    const half = join(folder, 'half.heapsnapshot');
    writeFileSync(half, bytes.subarray(0, bytes.length / 2));
    const other = join(folder, 'package.json');
    writeFileSync(other, '{"name": "plateau"}');
    const broken = join(folder, 'broken.gz');
    writeFileSync(broken, gzipSync(bytes).subarray(0, 10_000));
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    for (const [path, reason] of [
      [join(folder, 'missing'), /No such file/i],
      [directory, /directory/],
      [half, /it ends after \d+ bytes, within/],
      [other, /not a heap snapshot: byte \d+: /],
      [broken, /the gzip data end too early/],
      [empty, /it ends after 0 bytes/],
    ] as const) {
      const { status, stdout, stderr } = heap(['summary', path]);
      assert.deepEqual([status, stdout], [2, ''], path);
      assert.ok(stderr.startsWith(`plateau: ${path}: `), stderr);
      assert.match(stderr, reason);
    }
    for (const subject of ['Nothing', '@4000000000', '@x']) {
      const { status, stderr } = heap(['retainers', subject, file]);
      assert.equal(status, 2);
      assert.ok(stderr.startsWith(`plateau: ${file}: `), stderr);
    }
  });

  test('what may not be read or written is said', { skip: process.getuid?.() === 0 && 'root may' }, () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'x');
    chmodSync(secret, 0);
    const { status, stderr } = heap(['summary', secret]);
    assert.equal(status, 2);
    assert.match(stderr, /ermission/);
  });

  test('a full disk is said, and leaves nothing', { skip: process.platform !== 'linux' }, () => {
    const { status, stderr } = heap(['summary', file, '--html', '/dev/full']);
    assert.equal(status, 2);
    assert.match(stderr, /\/dev\/full cannot be written: No space left/);
    const shell = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${cli}" heap summary "${file}" > /dev/full`],
      { encoding: 'utf8' },
    );
    assert.equal(shell.status, 2);
    assert.match(shell.stderr, /standard output cannot be written: No space left/);
  });

  test('a reader that has seen enough is no error', { skip: process.platform === 'win32' }, () => {
    const shell = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${cli}" heap collections "${file}" --json --limit 5000 | head -c 10`],
      { encoding: 'utf8' },
    );
    assert.equal(shell.stderr, '');
  });
});
