/**
 * What grows and has a bound is no leak: a cache that fills. The comparison names the objects that hold what has grown;
 * each is asked for its bound while the app is still there, before and after some more load. One that holds as many
 * entries as have grown, and took in more at the pace of the growth, is filling, unless the memory would be full before it
 * is. One that did not is not what grows: its entries do.
 */

import type { HeapFinding, TraceStep } from '../heap/types';
import type { Bound, Bounds } from './protocol';

/** The share of V8's limit that what is bounded may take. */
const ROOM = 0.7;

/** The share of the growth that a cache has to take in as entries. */
const PACE = 0.3;
/** Full, but for what expires. */
const FULL = 0.98;

/** What was seen of bounds, before and after some load. */
export interface Seen {
  before: Bounds;
  after: Bounds;
  /** That load, as a share of what the findings grew in. */
  share: number;
  /** Whether memory no longer grew with it. */
  level: boolean;
}

/** A cache, or the like, that fills. */
export interface Filling {
  /** `LRUCache pages in server.js`. */
  name: string;
  unit: Bound['unit'];
  /** What it holds, and may hold. */
  held: number;
  most: number;
  /** Bytes that it takes when it is full, by what its entries take now. */
  bytesAtBound: number;
  /** What holds it, in one line. */
  path: string;
}

export interface Split<F extends HeapFinding> {
  /** Growth without a bound, or with one that does not help. */
  findings: F[];
  /** Bytes that grew within a bound. */
  bytes: number;
  filling: Filling[];
}

/** The ids of all objects of which bounds are asked. */
export function heldBy(findings: readonly HeapFinding[]): number[] {
  return [...new Set(findings.flatMap(({ trace }) => trace.map(({ id }) => id)))].filter((id) => id > 0);
}

/** Takes those out that have a bound. */
export function splitBounded<F extends HeapFinding>(findings: readonly F[], seen: Seen): Split<F> {
  const { bounds, heapLimit } = seen.after;
  const found = new Map<number, { bound: Bound; step: TraceStep; of: F[] }>();
  const rest: F[] = [];
  for (const finding of findings) {
    const step = cacheOf(finding, seen);
    const bound = step && bounds[step.id];
    if (step === undefined || bound === undefined) rest.push(finding);
    else {
      const known = found.get(step.id) ?? { bound, step, of: [] };
      known.of.push(finding);
      found.set(step.id, known);
    }
  }
  const split: Split<F> = { findings: rest, bytes: 0, filling: [] };
  for (const { bound, step, of } of found.values()) {
    const grown = of.reduce((sum, { bytes }) => sum + bytes, 0);
    const each = grown / Math.max(1, ...of.map(({ count }) => count));
    const bytesAtBound = bound.unit === 'bytes' ? bound.most : bound.most * each;
    const [first] = of as [F, ...F[]];
    const file = first.file === undefined ? '' : ` in ${first.file.split(/[\\/]/).at(-1)}`;
    const name = `${bound.is}${step.name === undefined ? '' : ` ${step.name}`}${file}`;
    const cache = {
      name,
      unit: bound.unit,
      held: bound.held,
      most: bound.most,
      bytesAtBound,
      path: first.path,
    };
    if (bytesAtBound <= ROOM * heapLimit) {
      split.bytes += grown;
      split.filling.push(cache);
    } else {
      const told = `Its bound is too large: ${describeFilling(cache)}, and the heap may have ${size(heapLimit)}.`;
      split.findings.push(...of.map((each) => ({ ...each, evidence: [...each.evidence, told] })));
    }
  }
  split.findings.sort((a, b) => b.bytes - a.bytes);
  return split;
}

/** Whether any of them may be explained by a bound: then it is worth to look twice. */
export function mayBeBounded(findings: readonly HeapFinding[], { bounds }: Bounds): boolean {
  return findings.some((finding) => finding.trace.some(({ id }) => holds(bounds[id], finding)));
}

/** The step with the bound: of a cache whose parts tell the same figures, the cache. */
function cacheOf(finding: HeapFinding, { before, after, share, level }: Seen): TraceStep | undefined {
  const { trace, count, bytes } = finding;
  const at = trace.findLastIndex(({ id }) => {
    const bound = after.bounds[id];
    if (bound === undefined || !holds(bound, finding)) return false;
    const taken = bound.held - (before.bounds[id]?.held ?? 0);
    const full = bound.held >= FULL * bound.most && level;
    return full || taken >= PACE * share * (bound.unit === 'bytes' ? bytes : count);
  });
  const bound = after.bounds[trace[at]?.id ?? 0];
  return trace.find(({ id }) => {
    const other = after.bounds[id];
    return other !== undefined && other.held === bound?.held && other.most === bound.most;
  });
}

/** Whether an object with this bound holds as much as has grown. */
function holds(bound: Bound | undefined, { count, bytes }: HeapFinding): boolean {
  if (bound === undefined) return false;
  return bound.unit === 'bytes' ? bound.held >= bytes / 4 : bound.held >= count;
}

/** `LRUCache pages in server.js holds 40,123 of 200,000 entries, about 61.0 MB when it is full`. */
export function describeFilling({ name, unit, held, most, bytesAtBound }: Filling): string {
  const amount = unit === 'bytes' ? size : (value: number) => Math.round(value).toLocaleString('en-US');
  const what = `${name} holds ${amount(held)} of ${amount(most)}`;
  return unit === 'bytes' ? what : `${what} entries, about ${size(bytesAtBound)} when it is full`;
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, at] = [bytes, 0];
  for (; value >= 999.5 && at < units.length - 1; at++) value /= 1000;
  return `${at === 0 ? Math.round(value) : value.toPrecision(3)} ${units[at]}`;
}
