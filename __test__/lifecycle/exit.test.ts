import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report, run } from './child';

interface AtExit {
  /** Entries held in the exit event. */
  entries: number;
  /** What kept the process alive then. */
  resources: string[];
}

suite('a process ends by itself at the end of main, as one without caches does', () => {
  const states: [name: string, entries: number][] = [
    ['entries without a time to live', 100],
    ['entries that live an hour, read just now', 100],
    ['entries that expire soon', 100],
    ['sliding entries under an injected clock', 100],
    ['a thousand caches of all kinds', 10_000],
    ['a load that has settled before its timeout', 101],
    ['a load that never settles', 100],
  ];
  for (const [state, entries] of states) {
    test(`with ${state}`, async () => {
      const { resources } = await report<AtExit>('exit', ['nothing but the import']);
      assert.deepEqual(await report<AtExit>('exit', [state]), { entries, resources });
    });
  }

  test('with a sweep under way, without finishing it', async () => {
    const { entries } = await report<AtExit>('exit', ['a sweep under way']);
    assert.ok(entries > 0 && entries < 300_000, `${entries} entries were left`);
  });
});

suite('process.exit is safe, and finds the cache consistent, in', () => {
  const callbacks: [name: string, size: number][] = [
    ['onRemove of an eviction by set', 4],
    ['onRemove of a replacement by set', 4],
    ['onRemove of delete', 3],
    ['onRemove of take', 3],
    ['onRemove of clear', 0],
    ['onRemove of resize', 1],
    ['onRemove of shrinkTo', 2],
    ['onRemove of an expired entry that get met', 3],
    ['onRemove of purgeExpired', 0],
    ['sizeOf', 4],
    ['now of an injected clock', 4],
    ['a loader, at once', 4],
    ['a loader, later', 4],
    ['a loader of wrap', 4],
    ['onRemove of an eviction by a load', 4],
    ['forEach', 4],
  ];
  for (const [callback, size] of callbacks) {
    test(callback, async () => {
      const { code, signal, stdout, stderr } = await run('exit-inside', [callback]);
      assert.deepEqual(
        { code, signal, stdout, stderr },
        { code: 7, signal: null, stdout: `${size}\n`, stderr: '' },
      );
    });
  }

  test('onRemove of a release in the background', async () => {
    const { code, signal, stdout, stderr } = await run('exit-inside', [
      'onRemove of a release in the background',
    ]);
    assert.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' });
    assert.match(stdout, /^\d+\n$/);
  });
});

suite('what is thrown while entries are released in the background is a warning, and the release goes on', () => {
  interface Report {
    removed: number;
    size: number;
    warnings: { code: string; message: string }[];
  }
  const release = async (what: string): Promise<Report['warnings']> => {
    const { code, signal, stdout } = await run('background-error', [what]);
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    const { removed, size, warnings } = JSON.parse(stdout) as Report;
    assert.deepEqual({ removed, size }, { removed: 2000, size: 0 });
    return warnings;
  };

  for (const [what, message] of [
    ['an error', /onRemove threw .*: Error: on purpose/],
    ['nothing', /onRemove threw .*: undefined/],
    ['an object without a prototype', /onRemove threw .*: \[Object: null prototype\]/],
    ['an error that cannot be printed', /onRemove threw .*/],
  ] as const) {
    test(`onRemove throws ${what}`, async () => {
      const warnings = await release(what);
      assert.ok(warnings.length > 0);
      for (const warning of warnings) {
        assert.equal(warning.code, 'PLATEAU_ON_REMOVE');
        assert.match(warning.message, message);
      }
    });
  }

  test('the injected clock throws', async () => {
    const warnings = await release('the clock');
    assert.equal(warnings.length, 3);
    for (const warning of warnings) {
      assert.equal(warning.code, 'PLATEAU_CLOCK');
      assert.match(warning.message, /the clock failed .*: Error: no time/);
    }
  });
});

suite('SIGTERM', { skip: process.platform === 'win32' && 'Windows has no signals' }, () => {
  const terminate = (kind: string) =>
    run('signal', [kind], {
      onOutput: (stdout, kill) => stdout === 'ready\n' && kill('SIGTERM'),
    });

  test('ends a process with live caches in the middle of a sweep', async () => {
    const { code, signal, stderr } = await terminate('default');
    assert.deepEqual({ code, signal, stderr }, { code: null, signal: 'SIGTERM', stderr: '' });
  });

  test('lets a process that handles it finish by itself', async () => {
    const { code, signal, stdout, stderr } = await terminate('handled');
    assert.deepEqual(
      { code, signal, stdout, stderr },
      { code: 0, signal: null, stdout: 'ready\n1000\n', stderr: '' },
    );
  });
});
