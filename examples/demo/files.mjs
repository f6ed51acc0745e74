/** Files for the eyes of whoever ran the demo. */

import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Writes a file that only its owner can read, in one step. A file that was there with another mode, or a link
 * somebody put there, is replaced and not written through.
 *
 * @param {string} path
 * @param {string} content
 * @returns {string} the absolute path
 */
export function writePrivate(path, content) {
  const target = resolve(path);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return target;
}
