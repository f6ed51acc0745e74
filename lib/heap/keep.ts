/** Snapshots in a folder: how they are called, how many are kept, and whether there is room for another one. */

import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { plateauError } from '../errors';

/** What is kept in a folder. */
export interface Keeping {
  dir: string;
  maxFiles: number;
  maxBytes: number;
  cooldown: number;
}

/** Names of snapshots that plateau has put into a folder; the time is in them, so they sort by age. */
const NAME = /^heap-\d{8}T\d{9}Z-\d+-\d+\.heapsnapshot(?:\.gz|\.zst)?$/;

interface Kept {
  path: string;
  bytes: number;
  at: number;
}

/** A name for a snapshot that is taken now. */
export function nameNow(compress: 'gzip' | 'zstd' | false): string {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  const packed = compress === 'gzip' ? '.gz' : compress === 'zstd' ? '.zst' : '';
  return `heap-${time}-${process.pid}-${threadId}.heapsnapshot${packed}`;
}

/** The snapshots of a folder, the newest first. */
async function kept(dir: string): Promise<Kept[]> {
  const names = (await readdir(dir)).filter((name) => NAME.test(name)).sort();
  const all = names.reverse().map(async (name) => {
    const path = join(dir, name);
    // Another process may clear the same folder.
    const found = await stat(path).catch(() => undefined);
    return found && { path, bytes: found.size, at: found.mtimeMs };
  });
  return (await Promise.all(all)).filter((one) => one !== undefined);
}

/**
 * Makes the folder, and throws where another snapshot is not to be taken now.
 *
 * @throws Error `PLATEAU_SNAPSHOT`
 */
export async function mayKeep({ dir, cooldown }: Keeping): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const [newest] = await kept(dir);
  const age = newest === undefined ? Number.POSITIVE_INFINITY : Date.now() - newest.at;
  if (age < cooldown) {
    const seconds = Math.ceil((cooldown - age) / 1000);
    throw plateauError(
      'PLATEAU_SNAPSHOT',
      `${dir} has a snapshot of ${Math.round(age / 1000)} s ago: the next may be taken in ${seconds} s`,
    );
  }
}

/**
 * Throws where a file system has not so many bytes left.
 *
 * @throws Error `PLATEAU_SNAPSHOT`
 */
export async function checkDisk(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw plateauError(
    'PLATEAU_SNAPSHOT',
    `${dir} has ${inMiB(free)} left, and a snapshot would need ${inMiB(bytes)}; pass force: true to try it all the same`,
  );
}

/** Removes the oldest, until no more are left than may be kept; never the newest. */
export async function clear({ dir, maxFiles, maxBytes }: Keeping): Promise<void> {
  let bytes = 0;
  for (const [at, one] of (await kept(dir)).entries()) {
    bytes += one.bytes;
    if (at > 0 && (at >= maxFiles || bytes > maxBytes)) await rm(one.path, { force: true });
  }
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 1048576).toLocaleString('en')} MiB`;
}
