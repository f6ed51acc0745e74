/**
 * Forced collections, until what is in use no longer falls.
 *
 * `gc` is had at run time, since `--expose-gc` is not allowed in NODE_OPTIONS. A collection that is asked for so does
 * not flush the code of functions that are no longer called, which V8's own do after a while: code only adds up. That is
 * why it is left out of the heap below.
 */

import { getHeapCodeStatistics, getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Taken now: a program under test may replace them with clocks of its own.
const { setTimeout: later, setImmediate: soon } = globalThis;

/** Fewest collections, and most. What a finalizer releases is garbage of the next one. */
const [LEAST, MOST] = [3, 12];
/** Between two, in ms: sockets close and callbacks run meanwhile. */
const TURN = 15;
/** Less than this share of the heap, or this many bytes, is no fall. */
const [SHARE, BYTES] = [0.0005, 2048];

/** Threads that may want the same at the same time. */
const MOST_THREADS = 200;

let collector: (() => void) | undefined;

/** `gc()`, whether or not Node was started with `--expose-gc`. */
export function collect(): void {
  collector ??= findCollector();
  collector();
}

function findCollector(): () => void {
  const { gc } = globalThis as { gc?: () => void };
  if (typeof gc === 'function') return () => gc();
  // Flags are the process's: another thread that is done with the same may take it back before the context is made.
  // Each does so once.
  for (let i = 0; i < MOST_THREADS; i++) {
    setFlagsFromString('--expose-gc');
    const made = runInNewContext('globalThis.gc') as (() => void) | undefined;
    if (made === undefined) continue;
    // Contexts that the program makes must not have it.
    setFlagsFromString('--no-expose-gc');
    return made;
  }
  throw new Error('V8 does not give its collector away');
}

/** Bytes of the heap in use without compiled code. */
export function heapInUse(): number {
  let used = 0;
  for (const { space_name: name, space_used_size: size } of getHeapSpaceStatistics()) {
    if (!name.includes('code')) used += size;
  }
  return used - getHeapCodeStatistics().bytecode_and_metadata_size;
}

/** Collects until two collections in a row find nothing more, `ms` apart. Resolves to the bytes in use. */
export async function settle(ms = TURN): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0, level = 0; i < MOST && level < 2; i++) {
    await turn(ms);
    collect();
    const used = heapInUse();
    const fell = lowest - used > Math.max(BYTES, used * SHARE);
    if (i >= LEAST - 1) level = fell ? 0 : level + 1;
    lowest = Math.min(lowest, used);
  }
  return lowest;
}

function turn(ms: number): Promise<void> {
  return new Promise((resolve) => {
    later(() => soon(resolve), ms);
  });
}
