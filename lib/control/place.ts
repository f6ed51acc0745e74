/**
 * Where a process can be asked: a socket named by its pid, in a directory that only its user can enter.
 *
 * The directory for temporary files is everybody's: another user may have made ours before us, or a link in its place. So it
 * is looked at before anything is put in it or sent to it, by whoever listens and by whoever asks.
 */

import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plateauError } from '../errors';

const OTHERS = 0o077;
const onWindows = process.platform === 'win32';

/** The user of this process; 0 where there are no such numbers. */
export function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

/** The directory of a user. Not on Windows, where pipes have a name space of their own. */
export function controlDirectory(uid: number = ownUid()): string {
  return join(tmpdir(), `plateau-${uid}`);
}

export function controlAddress(pid: number, uid: number = ownUid()): string {
  return onWindows ? `\\\\.\\pipe\\plateau-control-${pid}` : join(controlDirectory(uid), `${pid}.sock`);
}

/** Whether addresses are files. */
export const addressesAreFiles: boolean = !onWindows;

/** Makes the directory, if it is not there, and checks it. */
export function makeDirectory(): string {
  const directory = controlDirectory();
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw refused(`${directory} cannot be made`, error);
  }
  checkDirectory(directory, ownUid());
  return directory;
}

/** @throws Error `PLATEAU_CONTROL` unless it is a directory of that user's that no other can enter */
export function checkDirectory(directory: string, uid: number): void {
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw refused(`${directory} is not trusted: it is no directory`);
  if (found.uid !== uid) throw refused(`${directory} is not trusted: it belongs to user ${found.uid}`);
  if ((found.mode & OTHERS) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw refused(`${directory} is not trusted: other users may enter it (its mode is ${mode}, not 700)`);
  }
}

/** @throws Error `PLATEAU_CONTROL` unless it is a socket of that user's */
export function checkSocket(path: string, uid: number): void {
  const found = lstatSync(path);
  if (!found.isSocket()) throw refused(`${path} is not trusted: it is no socket`);
  if (found.uid !== uid) throw refused(`${path} is not trusted: it belongs to user ${found.uid}`);
}

export function refused(message: string, cause?: unknown): Error {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return plateauError('PLATEAU_CONTROL', `${message}${reason}`, { cause });
}
