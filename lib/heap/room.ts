/** Whether a snapshot can be taken without ending the process: what it costs, and what there is. */

import { freemem } from 'node:os';
import { getHeapSpaceStatistics } from 'node:v8';
import { plateauError } from '../errors';

/** Memory that V8 takes for each byte of small objects: 10 were measured, of objects of 43 bytes on average. */
const PER_BYTE = 11;
/** The same for what is large: arrays of references take about so much, long strings next to nothing. */
const PER_LARGE_BYTE = 3;
/** What the text takes, where it is not written as it comes, and what the engine takes to redact it. */
const TEXT = 1.8;
const ENGINE = 2.4;
/** Always. */
const AT_LEAST = 64 * 1024 * 1024;

/** What a compressed text takes of the text, about. */
const COMPRESSED = 0.2;

/** Bytes that a snapshot of this thread's heap will take for a while. */
export function expectedMemory(redact: boolean, compress: boolean): number {
  const { small, large } = heapUsed();
  const each = PER_BYTE + (redact || compress ? TEXT : 0) + (redact ? ENGINE : 0);
  return AT_LEAST + small * each + large * PER_LARGE_BYTE;
}

/** Bytes that the file will have, about. */
export function expectedFile(compress: boolean): number {
  const { small, large } = heapUsed();
  return (small * TEXT + large * PER_LARGE_BYTE) * (compress ? COMPRESSED : 1);
}

function heapUsed(): { small: number; large: number } {
  let [small, large] = [0, 0];
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics()) {
    // What every isolate shares, and code, are in it but few.
    if (name.includes('large_object')) large += used;
    else if (!name.includes('read_only') && !name.includes('code')) small += used;
  }
  return { small, large };
}

/** Bytes that the process may still take: of the machine, and within the limit of its container. */
export function room(): number {
  const machine = freemem();
  const { availableMemory, constrainedMemory } = process as {
    availableMemory?: () => number;
    constrainedMemory?: () => number;
  };
  // Of Node 20.13 and later.
  if (availableMemory !== undefined) return Math.min(machine, availableMemory());
  const limit = constrainedMemory?.() ?? 0;
  // Without a limit it is zero, or a number beyond all memory.
  return limit > 0 ? Math.min(machine, Math.max(0, limit - process.memoryUsage.rss())) : machine;
}

/**
 * Throws unless there is so much memory.
 *
 * @throws Error `PLATEAU_NOT_ENOUGH_MEMORY`
 */
export function checkRoom(bytes: number): void {
  const free = room();
  if (bytes <= free) return;
  throw plateauError(
    'PLATEAU_NOT_ENOUGH_MEMORY',
    `a snapshot of this heap may take ${inMiB(bytes)} of memory for a while, and ${inMiB(free)} are free; pass force: true to take it all the same`,
  );
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 1048576).toLocaleString('en')} MiB`;
}
