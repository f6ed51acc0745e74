/**
 * What grows and has a bound is no leak: a cache that fills. The comparison names the objects that hold what has grown;
 * each is asked for its bound while the app is still there, before and after some more load. One that holds as many
 * entries as have grown, and took in more at the pace of the growth, is filling, unless the memory would be full before it
 * is. One that did not is not what grows: its entries do.
 */

import type { HeapFinding, TraceStep } from '../heap/types';
import type { Bound, Bounds } from './protocol';
import { bytes, count } from './report/words';

/** The share of what the heap has room for that what is bounded may take. */
const ROOM = 0.7;

/** The share of the growth that a cache has to take in as entries. */
const PACE = 0.3;
/** Full, but for what expires. */
const FULL = 0.98;

/** What some more load did. */
export interface More {
  /** As a share of the load in which the findings grew. */
  share: number;
  /** Whether memory no longer grew with it. */
  level: boolean;
}

/** What was seen of bounds, before and after it. */
interface Seen extends More {
  before: Bounds['bounds'];
  after: Bounds;
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

export interface Split {
  /** Growth without a bound, or with one that does not help. */
  findings: HeapFinding[];
  /** Bytes that grew within a bound. */
  bytes: number;
  filling: Filling[];
}

/**
 * Takes out what has a bound.
 *
 * @param ask tells the bounds of those of these objects that have one
 * @param more goes on with the load for a while; only called where there is such an object
 */
export async function takeBounded(
  findings: HeapFinding[],
  ask: (ids: number[]) => Promise<Bounds>,
  more: () => Promise<More>,
): Promise<Split> {
  const ids = new Set(findings.flatMap(({ trace }) => trace.map(({ id }) => id)).filter((id) => id > 0));
  const { bounds: before } = await ask([...ids]);
  const maybe = findings.some((finding) => finding.trace.some(({ id }) => holds(before[id], finding)));
  if (!maybe) return { findings, bytes: 0, filling: [] };
  const done = await more();
  return split(findings, { before, after: await ask([...ids]), ...done });
}

function split(findings: readonly HeapFinding[], seen: Seen): Split {
  const { bounds, heapRoom } = seen.after;
  const found = new Map<number, { bound: Bound; step: TraceStep; of: HeapFinding[] }>();
  const rest: HeapFinding[] = [];
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
  const result: Split = { findings: rest, bytes: 0, filling: [] };
  for (const { bound, step, of } of found.values()) {
    const grown = of.reduce((sum, { bytes }) => sum + bytes, 0);
    const each = grown / Math.max(1, ...of.map(({ count }) => count));
    const bytesAtBound = bound.unit === 'bytes' ? bound.most : bound.most * each;
    const [first] = of as [HeapFinding, ...HeapFinding[]];
    const file = first.file === undefined ? '' : ` in ${first.file.split(/[\\/]/).at(-1)}`;
    const name = `${bound.is}${step.name === undefined ? '' : ` ${step.name}`}${file}`;
    const { unit, held, most } = bound;
    const cache = { name, unit, held, most, bytesAtBound, path: first.path };
    if (bytesAtBound <= ROOM * heapRoom) {
      result.bytes += grown;
      result.filling.push(cache);
    } else {
      const told = `Its bound is too large: ${describeFilling(cache)}, and the heap may have ${bytes(heapRoom)}.`;
      result.findings.push(...of.map((each) => ({ ...each, evidence: [...each.evidence, told] })));
    }
  }
  result.findings.sort((a, b) => b.bytes - a.bytes);
  return result;
}

/** The step with the bound: of a cache whose parts tell the same figures, the cache. */
function cacheOf(finding: HeapFinding, { before, after, share, level }: Seen): TraceStep | undefined {
  const { trace, count, bytes } = finding;
  const at = trace.findLastIndex(({ id }) => {
    const bound = after.bounds[id];
    if (bound === undefined || !holds(bound, finding)) return false;
    const taken = bound.held - (before[id]?.held ?? 0);
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

/** `LRUCache pages in server.js holds 40,123 of 200,000 entries, about 58.19 MiB when it is full`. */
export function describeFilling({ name, unit, held, most, bytesAtBound }: Filling): string {
  const amount = unit === 'bytes' ? bytes : count;
  const what = `${name} holds ${amount(held)} of ${amount(most)}`;
  return unit === 'bytes' ? what : `${what} entries, about ${bytes(bytesAtBound)} when it is full`;
}
