import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report } from './child';

interface Measured {
  rss: number;
  heap: number;
  threads: number;
  files: number;
}

interface Report {
  /** How many workers of the first half ended in each way. */
  first: Record<string, number>;
  second: Record<string, number>;
  half: Measured;
  end: Measured;
  live: number;
  expiring: boolean;
}

const MB = 2 ** 20;

async function runWorkers(ending: string, user: 'main' | 'workers', count: number): Promise<Report> {
  const found = await report<Report>('workers', [ending, user, count], { node: ['--expose-gc'] });
  const { half, end } = found;
  const grown = `from ${JSON.stringify(half)} to ${JSON.stringify(end)}`;
  // Ends of threads and of files are seen a moment later: one or two may still be there.
  assert.ok(end.threads <= half.threads + 2, `threads ${grown}`);
  assert.ok(end.files <= half.files + 2, `files ${grown}`);
  assert.ok(end.heap - half.heap < 2 * MB, `heap ${grown}`);
  // Twenty workers that left a megabyte each would go over this; measured are 0 to 2 MB.
  assert.ok(end.rss - half.rss < 20 * MB, `resident memory ${grown}`);
  assert.equal(found.live, 999);
  assert.equal(found.expiring, true);
  return found;
}

/** All have ended; one that had not begun to run ends with 0. */
function assertTerminated({ first, second }: Report, each: number): void {
  for (const { 0: early = 0, 1: late = 0, ...others } of [first, second]) {
    assert.deepEqual(others, {});
    assert.equal(early + late, each);
    assert.ok(late >= (each * 3) / 4, `${late} were terminated while they read`);
  }
}

suite('workers come and go by the hundred with live caches, the process neither crashes nor grows', () => {
  test('terminated while they read, with the addon in workers alone', async () => {
    assertTerminated(await runWorkers('terminate', 'workers', 160), 80);
  });

  test('terminated while they read, with live caches in the main thread', async () => {
    assertTerminated(await runWorkers('terminate', 'main', 80), 40);
  });

  test('ending by process.exit in a release in the background', async () => {
    const { first, second } = await runWorkers('exit', 'workers', 40);
    assert.deepEqual([first, second], [{ 5: 20 }, { 5: 20 }]);
  });

  test('ending by an uncaught error', async () => {
    const { first, second } = await runWorkers('throw', 'workers', 40);
    assert.deepEqual([first, second], [{ '1 on purpose': 20 }, { '1 on purpose': 20 }]);
  });

  test('ending by themselves, as nothing keeps them alive', async () => {
    const { first, second } = await runWorkers('return', 'main', 40);
    assert.deepEqual([first, second], [{ 0: 20 }, { 0: 20 }]);
  });
});
