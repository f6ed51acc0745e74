// What the snapshot engine's answers look like. Plain objects: they go through JSON unchanged.

/** What kind of leak something is: the names of the catalogue. */
export type LeakPattern =
  /** A Map, object, Set or array of records that only grows. */
  | 'unbounded-cache'
  /** Listeners of an EventEmitter, EventTarget or AbortSignal that are never removed. */
  | 'listeners'
  /** Functions kept, each with the variables of the call that made it. */
  | 'closures'
  /** Timers and intervals that are never cleared. */
  | 'timers'
  /** Promises that never settle, and what waits for them. */
  | 'promises'
  /** Streams that are neither read to their end nor destroyed. */
  | 'streams'
  /** Request and response objects kept after the response. */
  | 'requests'
  /** Sockets and agents that are kept. */
  | 'sockets'
  /** An array at the top of a module to which is only ever pushed. */
  | 'module-arrays'
  /** Memory outside V8's heap: Buffers, native handles. */
  | 'native'
  /** Strings: slices that hold big parents, long concatenations. */
  | 'strings'
  /** Instances of a class. */
  | 'instances'
  /** Growth that fits none of the others. */
  | 'unknown';

/** A place in a source. */
export interface SourcePlace {
  /** A path, or Node's own name for a script (`node:events`). Without source maps: of the code that ran. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** The function there, where it has a name. */
  function?: string;
}

/** An object on the way from a root to what has grown. */
export interface TraceStep {
  /** In words: `variable bus`, `_events.data`, `[1,312 elements]`. How the step before refers to this object. */
  edge: string;
  /** What kind of reference that is; `growth` is the last one, from the container to what has grown. */
  kind: 'start' | 'variable' | 'property' | 'element' | 'internal' | 'growth';
  /** The name of the variable or property, or the key of a Map's entry, where it has one. */
  name?: string;
  /** What it is: `EventEmitter`, `Map [1,312 entries]`, `closure handler`, `module server.js`. */
  node: string;
  /** The object's id in the last snapshot; 0 for a module. */
  id: number;
  /** Where the function stands that it is, or that constructed it. */
  place?: SourcePlace;
}

/** Growth that hangs on one place. */
export interface HeapFinding {
  /** What kind of leak it is. */
  pattern: LeakPattern;
  /** One line: `Map cache in server.js keeps 1,312 more Session objects`. */
  title: string;
  /** From 0 to 1: how sure the pattern is. */
  confidence: number;
  /** How many objects directly under the container have been made between the first and the second snapshot and are still there in the last. */
  count: number;
  /** Bytes of all that survived there. */
  bytes: number;
  /** Bytes made there after the second snapshot; with two snapshots 0. */
  newBytes: number;
  /** The class of most of those objects. */
  className: string;
  /** What holds them, in words: `Map`, `EventEmitter`. */
  container: string;
  /** The path from a root to what has grown. */
  trace: TraceStep[];
  /** The trace in one line. */
  path: string;
  /**
   * The line to look at first: with sources the statement that adds to what holds it, or where that is declared; else the
   * function that made most of it, where allocations were tracked, or that is kept, or a constructor.
   */
  place?: SourcePlace;
  /** What `place` is. */
  placeIs?: 'added' | 'declared' | 'allocated' | 'function' | 'constructor' | 'holder';
  /** The file with the variable at which the trace begins. */
  file?: string;
  /** Other places of the program along the trace and among allocations, by bytes; the first is `place`. */
  places: SourcePlace[];
  /** What speaks for it, in sentences with figures. */
  evidence: string[];
  /** What to do about it. */
  fix: string;
}

/** A class's growth. */
export interface ClassGrowth {
  /** The class, as in Chrome's "Summary". */
  name: string;
  /** Objects that survived. */
  count: number;
  /** Their own bytes. */
  bytes: number;
}

/** What {@link compareHeaps} finds. */
export interface HeapComparison {
  /** The version of this form. */
  schema: 1;
  /** How many snapshots were compared: 2 or 3. */
  snapshots: number;
  /** Of each snapshot: its objects and their bytes. */
  totals: Array<{ objects: number; bytes: number; nativeBytes: number }>;
  /** Bytes that survived, of all but V8's own (code, hidden classes, feedback). */
  grownBytes: number;
  /** Bytes by which V8's own has grown, which is no leak. */
  noiseBytes: number;
  /** Growth by place, most bytes first. */
  findings: HeapFinding[];
  /** Growth by class, most bytes first. */
  classes: ClassGrowth[];
}

/** Options of what reads snapshots. */
export interface HeapReadOptions {
  /** Aborts: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told how far it is, a few times a second: a share from 0 to 1, and what is being done. */
  onProgress?: (progress: { share: number; stage: string }) => void;
}

/** Options of {@link compareHeaps}. */
export interface CompareHeapsOptions extends HeapReadOptions {
  /**
   * How many findings at most.
   * @defaultValue 20
   */
  limit?: number;
  /**
   * Looks in the program's sources for the lines that belong to findings: read from the paths that the snapshots name, which
   * have to be the same version.
   * @defaultValue false
   */
  sources?: boolean;
  /** Folders that are the program's own; a place in one is preferred to others. Without: whatever is not in `node_modules`. */
  roots?: string[];
}

/**
 * What a snapshot is read from: a path, a readable stream (of `v8.getHeapSnapshot()`, also gzip- or zstd-compressed), or the
 * bytes themselves.
 */
export type HeapSource = string | URL | NodeJS.ReadableStream | Uint8Array;
