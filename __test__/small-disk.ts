/** A file system that is soon full. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * A folder with so much room; skips the test and returns undefined where this process may not mount one.
 *
 * @param size as `mount` takes it: `1m`
 */
export function smallDisk(t: TestContext, size: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-small-'));
  const { status, stderr, error } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder],
    { encoding: 'utf8' },
  );
  t.after(() => {
    if (status === 0) spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (status !== 0) {
    t.skip(`no small file system: ${(error?.message ?? stderr).trim()}`);
    return undefined;
  }
  return folder;
}
