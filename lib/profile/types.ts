/** What a growth profile is asked for, and what it tells. Bytes and milliseconds unless said otherwise. */

/** Options of `profileGrowth`. */
export interface ProfileGrowthOptions {
  /**
   * How long to look, in ms, from 1,000 to 3,600,000. What is allocated in the first half and still there at the end has
   * survived: so half of it should be longer than anything lives that is meant to end, such as an entry of a cache.
   * @default 30000
   */
  duration?: number | undefined;
  /**
   * Bytes from one sample to the next, on average, from 1,024 to 1,048,576. Fewer see smaller leaks and cost more: see
   * `docs/profile.md`.
   * @default 131072
   */
  interval?: number | undefined;
  /** Stacks that are reported, 1 to 1,000. The others are summed up. @default 20 */
  limit?: number | undefined;
  /**
   * Collects garbage at the beginning and at the end. Both stop the event loop, for about a tenth of a second for
   * 100 MB of small objects. The first makes the growth of the heap as a whole exact; the second one V8 makes in any
   * case where it cannot be asked not to, which is before Node 26 (see `pause`).
   * @default false
   */
  gc?: boolean | undefined;
  /** Aborts: sampling ends at once, and the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Whose code a frame is. */
export type GrowthFrameKind =
  /** The program's own. */
  | 'program'
  /** In `node_modules`, or plateau. */
  | 'dependency'
  /** Node's own. */
  | 'node'
  /** V8's own, such as `set` of a Map, or `(GC)`. */
  | 'v8';

/** One function on a stack, with source maps applied. */
export interface GrowthFrame {
  /** Its name; `(anonymous)` where it has none. */
  function: string;
  /** Its file; empty for V8's own. */
  file: string;
  /** Where the *function* begins, from 1; 0 where it is not known. */
  line: number;
  column: number;
  kind: GrowthFrameKind;
}

/** Whether what a stack allocates becomes more and more. */
export type GrowthVerdict =
  /** It survived from all of the time: each part of it has left something. */
  | 'growing'
  /** It survived from one part of the time only: a pool that was filled, a module that was loaded. */
  | 'once'
  /** Too few samples to tell. */
  | 'few samples';

/**
 * What was allocated by stacks with the same functions of the program on them, and survived: which functions of frameworks,
 * Node and V8 are in between does not matter. Bytes are estimates from samples.
 */
export interface GrowthStack {
  /** The first frame that is the program's, as `src/cart.ts:41`; or else a dependency's, or Node's; `(V8)` without any. */
  place: string;
  /** The function there. */
  function: string;
  file: string;
  line: number;
  column: number;
  verdict: GrowthVerdict;
  /** Bytes that survived. */
  bytes: number;
  /** Of all that survived, 0 to 1. */
  share: number;
  perSecond: number;
  /** Bytes per HTTP request; `undefined` where none came. */
  perRequest: number | undefined;
  /** Samples that it is estimated from: `n` of them are off by about 1/√n. */
  samples: number;
  /** How many different stacks that are. */
  stacks: number;
  /** The one of them that allocated most, innermost first, at most 48; Node's own outermost frames left out. */
  frames: GrowthFrame[];
  /**
   * The program's functions that were called from the innermost of its functions here whose allocations survived as well, and have rows of their own. V8 compiles small
   * ones into their caller, and from then on what they allocate is told as the caller's: so one of these may be meant.
   */
  callees: GrowthFrame[];
}

/** What `profileGrowth` finds. Plain data, which also prints as a table. */
export interface GrowthProfile {
  /** The version of this form. */
  schema: 1;
  /** Milliseconds for which samples were taken, and those of them, the first half, that what is told was allocated in. */
  duration: number;
  window: number;
  /** Bytes between samples. */
  interval: number;
  /** HTTP requests that came in the window. */
  requests: number;
  /** Bytes that survived, of all stacks. */
  bytes: number;
  perSecond: number;
  perRequest: number | undefined;
  /** Growing ones first, then by bytes. */
  stacks: GrowthStack[];
  /** Those beyond `limit`. */
  others: { stacks: number; bytes: number };
  /**
   * Whether a whole collection has looked at all that is told. If not, some of it may be garbage that V8 has not noticed.
   */
  collected: boolean;
  /** What the heap keeps after a collection, before and after; `before` is known with `gc`, or from the memory sampler. */
  heap: { before: number | undefined; after: number };
  /** Memory outside the heap that objects keep, as of buffers: the profile does not see who made it. */
  external: { before: number; after: number };
  /** For how many ms the event loop was stopped, to begin and to end. */
  pause: { start: number; end: number };
  /** What to know when reading this, in words. */
  notes: string[];
}
