/**
 * What shared caches take, for `plateau check`: native memory with a bound. The check is preloaded and perhaps another copy of
 * plateau, so they meet at a global symbol. Nothing is put there before a cache is opened.
 */

const HELD = Symbol.for('plateau.sharedBytes');

type Known = { [HELD]?: unknown };

/** Lets `read` tell how many bytes the shared caches of this process take. */
export function tellBytesHeld(read: () => number): void {
  (globalThis as Known)[HELD] ??= read;
}

/** How many bytes they take, as far as is known; 0 without any. */
export function bytesHeld(): number {
  const { [HELD]: read } = globalThis as Known;
  try {
    const bytes: unknown = typeof read === 'function' ? read() : 0;
    return typeof bytes === 'number' && Number.isFinite(bytes) ? bytes : 0;
  } catch {
    return 0;
  }
}
