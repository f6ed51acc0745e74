/**
 * How a value lies in Redis: one line about it, then the text of the value.
 *
 * The line has no time of day in it. How long the value is fresh follows from the time to live that Redis has left for
 * the key, less the grace in the line: clocks of instances may differ as they like.
 */

import { randomBytes } from 'node:crypto';

/** What is known of a stored value besides the value. */
export interface Header {
  /** The generation of the namespace that it was written in; any other is a miss. */
  readonly generation: string;
  /** Which stored value this is. */
  readonly id: string;
  /** For how long it is kept after its time to live, ms. */
  readonly grace: number;
  /** What loading it took, ms. */
  readonly cost: number;
}

const LINE = /^p1 ([\w-]{1,64}) ([\w-]{1,32}) (\d{1,12}) (\d{1,12})\n/;

/** A name that is never given twice. */
export function newId(): string {
  return randomBytes(9).toString('base64url');
}

export function writeHeader({ generation, id, grace, cost }: Header): string {
  return `p1 ${generation} ${id} ${Math.ceil(grace)} ${Math.min(Math.round(cost), 999_999_999)}\n`;
}

/** Reads the line; `undefined` if it is none of ours. `line` is all of it, to recognise the same value again. */
export function readHeader(stored: string): (Header & { readonly line: string }) | undefined {
  const match = LINE.exec(stored);
  if (match === null) return undefined;
  const [line, generation, id, grace, cost] = match as unknown as [string, string, string, string, string];
  return { line, generation, id, grace: Number(grace), cost: Number(cost) };
}
