/**
 * The numbers are those of Chrome's developer tools: every object's own and retained size, dominator and distance, and
 * every class's. Their engine is fetched from npm when it is first needed (`scripts/devtools`).
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { deserialize } from 'node:v8';
import { native } from '../../dist/testing.cjs';
import { launch, skip as noBrowser } from '../dashboard/fixtures/browser';

interface ClassTotals {
  key: string;
  count: number;
  size: number;
  retained: number;
  distance: number;
}

interface Numbers {
  ids: ArrayLike<number>;
  sizes: ArrayLike<number>;
  retained: ArrayLike<number>;
  distances: ArrayLike<number>;
  dominators: ArrayLike<number>;
  classes: ClassTotals[];
}

const folder = mkdtempSync(join(tmpdir(), 'plateau-heaps-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = join(__dirname, '../..');

function node(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 300_000 });
}

/** What the developer tools say; `undefined` where they could not be fetched. */
function devtools(path: string): Numbers | undefined {
  const { status, stderr } = node('--max-old-space-size=4096', 'scripts/devtools/numbers.mjs', path);
  if (status === 3 && !process.env.PLATEAU_TEST_ALL) return undefined;
  assert.equal(status, 0, stderr);
  return deserialize(readFileSync(`${path}.numbers`)) as Numbers;
}

function ours(path: string): Numbers {
  const numbers = new native.HeapNumbers(path);
  return {
    ids: numbers.ids(),
    sizes: numbers.sizes(),
    retained: numbers.retained(),
    distances: numbers.distances(),
    dominators: numbers.dominators(),
    classes: numbers.classes(),
  };
}

/** The first objects of which something is not the same. */
function differences(one: Numbers, other: Numbers): string[] {
  const found: string[] = [];
  for (let at = 0; at < one.ids.length && found.length < 10; at++) {
    for (const what of ['ids', 'sizes', 'retained', 'distances', 'dominators'] as const) {
      // To itself or to nobody: what the root's dominator is, is a matter of taste.
      if (what === 'dominators' && at === 0) continue;
      if (one[what][at] !== other[what][at])
        found.push(`@${one.ids[at]}: ${what} ${one[what][at]}, in the developer tools ${other[what][at]}`);
    }
  }
  return found;
}

/**
 * By key. The developer tools may have several classes with one key: a function's, and that of an object whose name is
 * `Function`. These are one class here, of which they do not know what it retains.
 */
function byKey(classes: ClassTotals[]): Map<string, ClassTotals> {
  const found = new Map<string, ClassTotals>();
  for (const one of classes) {
    const other = found.get(one.key);
    if (other === undefined) found.set(one.key, one);
    else {
      other.count += one.count;
      other.size += one.size;
      other.distance = Math.min(other.distance, one.distance);
      other.retained = Number.NaN;
    }
  }
  return found;
}

function compare(path: string, skip: (message: string) => void): Numbers | undefined {
  const expected = devtools(path);
  if (expected === undefined) {
    skip('the developer tools could not be fetched from npm');
    return undefined;
  }
  const found = ours(path);
  assert.equal(found.ids.length, expected.ids.length);
  assert.deepEqual(differences(found, expected), []);
  const [classes, theirs] = [byKey(found.classes), byKey(expected.classes)];
  const different = [...theirs].flatMap(([key, one]) => {
    const own = classes.get(key);
    const retained = Number.isNaN(one.retained) ? own?.retained : one.retained;
    return isDeepStrictEqual(own, { ...one, retained }) ? [] : [[own, one]];
  });
  assert.deepEqual(different, []);
  assert.deepEqual(classes.size, theirs.size);
  return found;
}

suite('the same as in the developer tools', () => {
  for (const [kind, contents] of Object.entries({
    records: 'plain objects, instances, Maps and dictionaries',
    functions: 'closures, listeners, timers, promises, slices and joined strings',
    buffers: 'Buffers, typed arrays and memory outside the heap',
    weak: 'weak maps, references and registries',
    server: 'an Express server after requests',
    tracked: 'a heap of which allocations were tracked',
  })) {
    // Since Node 24 they miss some functions of such heaps, and fail.
    const skip = kind === 'tracked' && Number(process.versions.node.split('.')[0]) >= 24;
    test(contents, { skip }, (t) => {
      const path = join(folder, `${kind}.heapsnapshot`);
      const made = node(join(__dirname, 'fixtures/heaps.cjs'), kind, path);
      assert.ok(existsSync(path), made.stderr);
      const numbers = compare(path, (message) => t.skip(message));
      if (kind === 'records' && numbers) {
        assert.equal(numbers.classes.find(({ key }) => key.endsWith(',Session'))?.count, 3000);
      }
    });
  }

  test('a page with detached elements', { skip: noBrowser }, async (t) => {
    const browser = await launch();
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.setContent('<div id="list"></div>');
    await page.evaluate(`
      globalThis.kept = [];
      for (let row = 0; row < 200; row++) {
        const element = document.createElement('section');
        element.innerHTML = '<p class="a">text <b>' + row + '</b></p><input value="x">';
        element.addEventListener('click', () => kept.push(row));
        document.querySelector('#list').append(element);
        if (row % 2) kept.push(element.querySelector('b'));
      }
      for (const element of [...document.querySelectorAll('section')].slice(20)) element.remove();
    `);
    const session = await page.createCDPSession();
    const chunks: string[] = [];
    session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
    await session.send('HeapProfiler.takeHeapSnapshot');
    const path = join(folder, 'page.heapsnapshot');
    await writeFile(path, chunks.join(''));
    const numbers = compare(path, (message) => t.skip(message));
    // Those of which a part is kept.
    if (numbers) assert.equal(numbers.classes.find(({ key }) => key === ',Detached <section>')?.count, 90);
  });
});
