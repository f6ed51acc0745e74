/**
 * The functions of the addon, by hand rather than generated: this is the contract between `src/node/`
 * and `lib/`, and the one place where `lib/` says what it takes from Rust.
 */

/** How the addon was compiled. */
export interface BuildInfo {
  /** The Rust target triple, such as `x86_64-unknown-linux-gnu`. */
  target: string;
  /** `true` for an unoptimised build, whose timings mean nothing. */
  debug: boolean;
}

/** Hands out the slots to evict, least recently used first. See `src/policy/lru.rs`. */
export interface LruPlanner {
  /**
   * Writes the next (slot, stamp) pairs and returns how many; 0 when no slot below `used` is live. A plan that is begun
   * takes all slots if `whole`.
   */
  refill(hot: Float64Array, used: number, whole: boolean, slots: Uint32Array, stamps: Float64Array): number;
  /** Forgets its plans; needed when slots were renumbered. */
  reset(): void;
}

/** A word of shared memory that the keeper thread keeps at the current time. See `src/cache/clock.rs`. */
export interface CacheClock {
  /** Starts the clock, or prolongs its lease, with a tick in ms; returns the exact time in ms. */
  start(tick: number): number;
}

/** From how many listeners each call site has live, look after look, to a verdict. See `src/listeners/ledger.rs`. */
export interface ListenerLedger {
  /**
   * Takes one look at the first `used` sites at `now` (ms, never going back); writes a verdict for each (0 stable,
   * 1 growing, 2 burst) and its floor.
   */
  look(
    now: number,
    used: number,
    live: Float64Array,
    added: Float64Array,
    verdicts: Uint8Array,
    floors: Float64Array,
  ): void;
  /** Forgets the history of one site, whose place is given to another. */
  forget(site: number): void;
}

/** A heap snapshot on its way through the engine. See `src/node/heap.rs`. */
export interface NativeHeapSource {
  /** Reads a file, on another thread. Of one that others are compared with only the ids are kept. */
  open(path: string, idsOnly: boolean): Promise<void>;
  /** Takes the next piece of one that comes in pieces, on another thread; one at a time. */
  push(piece: Uint8Array): Promise<void>;
  /** All pieces have come. */
  finish(idsOnly: boolean): Promise<void>;
  /** Ends what is being done: its promise rejects with the message `aborted`. */
  abort(): void;
  /** How far reading or analysing is, from 0 to 1. */
  share(): number;
}

/** A heap snapshot on its way into a copy without the contents of strings. See `src/node/heap_redact.rs`. */
export interface NativeHeapRedactor {
  /** Takes the next piece, on another thread; one at a time. */
  push(piece: Uint8Array): Promise<void>;
  /** All pieces have come: decides what stays. */
  finish(): Promise<void>;
  /** The next texts that do not stay, at most `most`; none when all have been told. */
  removed(most: number): string[];
  /** What is to be written instead of those that were told last. */
  replace(texts: string[]): void;
  /** Writes the copy into a file that only its owner can read, and which is there when it is whole. Used up then. */
  write(path: string, overwrite: boolean, gzip: boolean): Promise<void>;
}

/** One look at an isolate and its process. See `src/memory/sample.rs`. */
export interface NativeSample {
  at: number;
  floor: number;
  heapUsed: number;
  heapCommitted: number;
  heapLimit: number;
  external: number;
  arrayBuffers: number;
  externalFloor: number;
  native: number;
  mallocUsed: number;
  sharedBytes: number;
  rss: number;
  anonymous: number;
  cpu: number;
  descriptors: number;
  minorFaults: number;
  majorFaults: number;
  cgroupLimit: number;
  cgroupUsed: number;
  cgroupMaxEvents: number;
  cgroupOomKills: number;
  major: number;
  minor: number;
  majorMs: number;
  minorMs: number;
  gcShare: number;
  loopDelay: number;
  loopUtilization: number;
  requests: number;
  requestRate: number;
  handles: number;
  timers: number;
  cacheBytes: number;
  cacheEntries: number;
}

/** See `src/memory/verdict.rs`. */
export interface NativeSlope {
  value: number;
  low: number;
  high: number;
}

/** See `src/memory/verdict.rs`. */
export interface NativeVerdict {
  verdict: string;
  place?: string;
  since: number;
  onset?: number;
  confidence: number;
  perSecond?: NativeSlope;
  perRequest?: NativeSlope;
  secondsToHeapLimit?: number;
  secondsToCgroupLimit?: number;
  evidence: string;
  next: string;
  trends: {
    place: string;
    growing: boolean;
    from: number;
    to: number;
    seconds: number;
    points: number;
    perSecond: NativeSlope;
    perRequest?: NativeSlope;
    p: number;
    decay: number;
  }[];
}

/** The sampler of one isolate: the keeper thread looks once a second. See `src/node/memory.rs`. */
export interface MemoryWatch {
  /** Ends the looks. */
  stop(): void;
  /** The newest sample; null before the first. */
  sample(): NativeSample | null;
  verdict(): NativeVerdict;
  /** Begins to record into a new file of `bytes` in `folder`, and returns its path. Throws where it cannot be made. */
  record(
    folder: string,
    bytes: number,
    facts: { thread: number; name: string; nodeVersion: string; script: string; heapLimit: number },
  ): string;
  /** Writes a note into the black box; `kind` as in `NoteKind` of `src/memory/recorder/mod.rs`. */
  note(kind: number, text: string): void;
  /** Notes there that the process exits. */
  exits(code: number): void;
  /** Notes there that nobody caught an error. */
  uncaught(message: string): void;
  /** Rows of numbers, oldest first: see `lib/memory/read.ts`. */
  history(seconds: number, resolution: number): Float64Array;
}

/** What the sampler of one thread knows now. */
export interface NativeIsolate {
  /** As in `worker_threads.threadId`. */
  thread: number;
  sample: NativeSample;
  verdict: NativeVerdict;
}

/** An isolate as its black box shows it. */
export interface NativeRecordedIsolate {
  pid: number;
  thread: number;
  /** Whether it has written within the last seconds. */
  running: boolean;
  at: number;
  verdict: string;
  place: string | undefined;
  floor: number;
  perSecond: number | undefined;
  rss: number;
  gcShare: number;
  loopDelay: number;
  uneven: string | undefined;
}

/** A key or value of a shared store, as it crosses. */
export type SharedData = string | Uint8Array;

/** What an answer of `set` and its relatives means; `null` is a key that is none, or too long. */
export const SHARED = { stored: 1, notStored: 0, noValue: -2, tooLarge: -3 } as const;

/** A store as one thread has it open. See `src/node/shared/methods.rs`. After `release`, all answer `undefined`. */
export interface NativeShared {
  get(key: SharedData): SharedData | undefined | null;
  peek(key: SharedData): SharedData | undefined | null;
  /** Milliseconds left, infinite for no end, -1 where there is no entry. */
  left(key: SharedData): number | null;
  set(key: SharedData, value: SharedData, ttl: number): number | null;
  setIfAbsent(key: SharedData, value: SharedData, ttl: number): number | null;
  compareAndSet(
    key: SharedData,
    expected: SharedData | undefined,
    value: SharedData,
    ttl: number,
  ): number | null;
  /** `undefined` where the value is no whole number, or the sum none that is exact. */
  incr(key: SharedData, by: number, ttl: number): number | undefined | null;
  delete(key: SharedData): boolean | null;
  take(key: SharedData): SharedData | undefined | null;
  getMany(keys: readonly SharedData[]): (SharedData | undefined | null)[];
  /** Keys and values in turns. The number of the first pair that cannot be stored, and then none is; else -1. */
  setMany(pairs: readonly SharedData[], ttl: number): number | undefined;
  /** Where to go on (-1 at the end), then keys, or keys and values in turns. */
  scan(from: number, count: number, values: 0 | 1): [number, ...SharedData[]];
  /** Notes the uses that this thread has kept for later. */
  settle(): void;
  /** Key, value and milliseconds left in turns, the first to be evicted first. */
  dump(): (SharedData | number)[];
  /** A token, or minus the milliseconds for which another thread has the lease. */
  lease(key: SharedData, milliseconds: number): number | undefined | null;
  finish(
    key: SharedData,
    token: number,
    value: SharedData | undefined,
    ttl: number,
  ): number | undefined | null;
  /** Keys whose leases have ended since the last call. */
  ended(): SharedData[] | undefined;
  clear(): void;
  purge(): number;
  /** Whether the store fits into the bounds: bytes, entries, bytes of an entry. */
  resize(bytes: number, entries: number, entryBytes: number): boolean;
  size(): number;
  numbers(): number[];
  /** Codec, time to live, policy, bytes from which values are compressed. */
  settings(): [string, number, 'lru' | 's3-fifo', number];
  resetStats(): void;
  validate(): string | undefined;
  release(): void;
}

/** See `src/node/shared.rs`. */
export interface NativeSharedOptions {
  maxBytes?: number;
  maxEntries?: number;
  maxEntryBytes?: number;
  policy?: string;
  codec?: string;
  ttl?: number;
  compressFrom?: number;
}

/** What the snapshot engine knows of every object, for tests and benchmarks. See `src/node/heap_numbers.rs`. */
export interface HeapNumbers {
  /** Nodes and edges. */
  counts(): number[];
  ids(): Uint32Array;
  sizes(): Float64Array;
  retained(): Float64Array;
  dominators(): Uint32Array;
  distances(): Float64Array;
  classes(): { key: string; count: number; size: number; retained: number; distance: number }[];
}

/** What `require('plateau.<triple>.node')` returns. */
export interface NativeBinding {
  /** The version the addon was compiled as. */
  version(): string;
  /** How the addon was compiled. */
  buildInfo(): BuildInfo;
  LruPlanner: new () => LruPlanner;
  /** Reads and analyses a snapshot on this thread. */
  HeapNumbers: new (
    path: string,
  ) => HeapNumbers;
  ListenerLedger: new () => ListenerLedger;
  /** Asks V8 for a major collection in its own time, by announcing `bytes` of external memory that come and go. */
  askForCollection(bytes: number): void;
  /** `memory` is over a SharedArrayBuffer, of `WORDS` elements (`lib/memory/board.ts`); `exact`: whether floors are exact. */
  MemoryWatch: new (
    memory: Float64Array,
    exact: boolean,
    thread: number,
  ) => MemoryWatch;
  /** Those of all threads of this process in which a sampler runs. */
  memoryIsolates(): NativeIsolate[];
  /** The isolates that record into a folder, at most `most`: those in trouble first. Read on another thread. */
  recordedIsolates(folder: string, most: number): Promise<NativeRecordedIsolate[]>;
  /** `wake` is called when a lease has ended that this thread waits for. */
  openShared(name: string, options: NativeSharedOptions, wake: () => void): NativeShared;
  /** Writes or restores a snapshot of an open store; how many entries. Works on another thread. */
  sharedSnapshot(name: string, path: string, restore: boolean): Promise<number>;
  /** The stores that are open in this process, with their numbers (`lib/shared/stats.ts`). */
  sharedFigures(): { name: string; numbers: number[] }[];
  /** Names of the stores that are open in this process. */
  sharedNames(): string[];
  /** `memory` is over a SharedArrayBuffer; its first element is the word. */
  CacheClock: new (
    memory: Float64Array,
  ) => CacheClock;
  /**
   * Enters the live slots from `from` on into `table` until `spilled` is full, and returns how many had no place.
   * `spilled[0]` is where to go on, then come those slots.
   */
  placeSlots(
    hashes: Int32Array,
    hot: Float64Array,
    from: number,
    used: number,
    table: Int32Array,
    spills: Uint8Array,
    spilled: Uint32Array,
  ): number;
  /** Frees the first `count` slots; `left` receives those that are not in `table`, and their number is returned. */
  releaseSlots(
    slots: Uint32Array,
    count: number,
    hashes: Int32Array,
    hot: Float64Array,
    table: Int32Array,
    left: Uint32Array,
  ): number;
  /** Moves the live ones of the first `end` places of `log` to its beginning, in their order; how many is returned. */
  compactLog(log: Int32Array, end: number, positions: Int32Array): number;
  /** The positions at which to read keys like these, which are different, to tell 2^bits of them apart. */
  chooseProbes(keys: string[], bits: number): number[];
  HeapSource: new () => NativeHeapSource;
  /** Looks at a snapshot, on another thread; the answer is JSON. It is used up. */
  analyzeHeap(
    source: NativeHeapSource,
    looks: string[],
    rows: number,
    query: string | undefined,
    retainers: string | undefined,
  ): Promise<string>;
  /** What is wrong with a query; `null` where it can be understood. */
  checkHeapQuery(query: string): string | null;
  HeapRedactor: new () => NativeHeapRedactor;
  /** Compares one or two earlier snapshots with the last, on another thread; the answer is JSON. All are used up. */
  compareHeaps(
    earlier: NativeHeapSource[],
    last: NativeHeapSource,
    limit: number,
    roots: string[],
  ): Promise<string>;
  /** Runs a command of `src/cli/`, given without the name of the program, and returns its exit code. Blocks. */
  cliRun(args: string[]): number;
  /** Milliseconds since the Unix epoch, monotonic. */
  clockNow(): number;
  /** Writes the live slots, most recently used first, and returns how many. */
  slotsByRecency(hot: Float64Array, used: number, slots: Uint32Array): number;
  /**
   * Writes slots whose deadline is at most `now`, looking at up to `limit` slots from `from` on, and returns
   * how many. `result[0]` is where to go on, `result[1]` the earliest deadline among the others seen.
   */
  sweepExpired(
    hot: Float64Array,
    used: number,
    from: number,
    limit: number,
    now: number,
    slots: Uint32Array,
    result: Float64Array,
  ): number;
}
