/** What has no caller to go to becomes a process warning, never an exception in the event loop. */

import { inspect } from 'node:util';
import { describe } from '../describe';

/** Warnings given once each; no more than this many in the life of a process. */
const MAX_WARNED = 1000;
const warned = new Set<string>();

/** Warns of `error`, which was thrown `when`. */
export function reportError(error: unknown, when: string, code = 'PLATEAU_CLEANUP'): void {
  process.emitWarning(`an error was thrown ${when}: ${printError(error)}`, { type: 'PlateauWarning', code });
}

/** Calls `fn`; what it throws is reported. */
export function guarded(fn: () => void, when: string, code?: string): void {
  try {
    fn();
  } catch (error) {
    reportError(error, when, code);
  }
}

/** A process warning, once for each `key`. */
export function warnOnce(key: string, text: string, code: string): void {
  if (warned.size >= MAX_WARNED || warned.has(key)) return;
  warned.add(key);
  process.emitWarning(text, { type: 'PlateauWarning', code });
}

/** An error as text, whatever it is. */
export function printError(error: unknown): string {
  try {
    return inspect(error, { customInspect: false });
  } catch {
    // A getter of its own threw.
    return describe(error);
  }
}
