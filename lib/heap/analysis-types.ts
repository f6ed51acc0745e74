// What `analyzeHeap` answers: plain objects, as in the JSON of `plateau heap` (docs/heap.md). Sizes are bytes.

import type { HeapReadOptions, SourcePlace } from './types';

/** A look at a snapshot that needs nothing but a number of rows. */
export type HeapLook = 'summary' | 'largest' | 'duplicates' | 'closures' | 'collections' | 'detached';

/** A place; the function is `null` where it has no name. */
export type HeapPlace = Omit<SourcePlace, 'function'> & { function: string | null };

/** An object of a snapshot. */
export interface HeapObject {
  id: number;
  /** V8's: `object`, `closure`, `string`, … */
  kind: string;
  class: string;
  /** Up to 80 characters. */
  name: string;
  selfSize: number;
  retainedSize: number;
  /** Steps from the global objects; `null` where they do not lead. */
  distance: number | null;
  edges: number;
  place: HeapPlace | null;
}

/** A step of a path. `id` is `null` where it stands for the steps that were left out. */
export interface HeapStep {
  /** How the object before refers to this: `.list`, `[3]`, `variable bus`, `entry`. */
  edge: string;
  node: string;
  id: number | null;
  place: HeapPlace | null;
}

/** All objects of a class. */
export interface HeapClass {
  class: string;
  place: HeapPlace | null;
  count: number;
  selfSize: number;
  retainedSize: number;
  distance: number | null;
}

/** What a heap consists of. */
export interface HeapSummary {
  objects: number;
  references: number;
  bytes: number;
  /** Native memory that no object stands for. */
  extraNativeBytes: number;
  parts: Array<{
    part: 'objects' | 'strings' | 'functions' | 'native' | 'code' | 'system';
    count: number;
    bytes: number;
  }>;
  /** By what their objects retain. */
  classes: HeapClass[];
  moreClasses: number;
  /** V8's own. */
  own: HeapClass[];
}

/** The objects that keep most. */
export interface LargestObjects {
  bytes: number;
  objects: Array<{
    object: HeapObject;
    /** Objects. */
    keeps: number;
    shares: Array<{ class: string; count: number; selfSize: number }>;
    path: HeapStep[];
  }>;
}

/** Values that are there more than once. */
export interface DuplicateGroups {
  groups: number;
  wasted: number;
  list: Array<{
    content: string;
    count: number;
    selfSize: number;
    wasted: number;
    /** An id. */
    example: number;
    path: HeapStep[];
    /** There may be more of the text than can be compared. */
    cut: boolean;
  }>;
}

/** Functions by where they stand. */
export interface ClosureSites {
  count: number;
  selfSize: number;
  sites: number;
  list: Array<{
    function: string;
    place: HeapPlace | null;
    count: number;
    selfSize: number;
    retainedSize: number;
    /** An id. */
    example: number;
    contextRetainedSize: number;
    variables: Array<{ name: string; value: HeapObject }>;
  }>;
}

/** Collections by their sizes. */
export interface CollectionSizes {
  kinds: Array<{
    kind: 'map' | 'set' | 'array' | 'dictionary';
    count: number;
    entries: number;
    selfSize: number;
    emptySelfSize: number;
    buckets: Array<{ from: number; to: number | null; count: number; selfSize: number }>;
  }>;
  biggest: Array<{
    kind: 'map' | 'set' | 'array' | 'dictionary';
    object: HeapObject;
    entries: number;
    exact: boolean;
    /** The class of most values. */
    of: string | null;
    path: HeapStep[];
  }>;
}

/** What is in no page any more, and handles that only their own object keeps. */
export interface DetachedObjects {
  /** Whether the snapshot says it of anything. */
  known: boolean;
  count: number;
  retainedSize: number;
  classes: Array<{
    class: string;
    count: number;
    selfSize: number;
    retainedSize: number;
    example: HeapObject;
    path: HeapStep[];
  }>;
}

/** Who holds an object. */
export interface HeapRetainer {
  edge: string;
  object: HeapObject;
  /** Whether it is on the path that explains most. */
  onPath: boolean;
  state: 'shown' | 'root' | 'elsewhere' | 'too-deep';
  heldBy: HeapRetainer[];
  more: number;
}

/** Who holds objects of a class: holders that are alike are one. */
export interface HeapHolder {
  edge: string;
  node: string;
  holders: number;
  objects: number;
  /** Whether the step leads through more of its like, as in a list. */
  chain: boolean;
  /** An id. */
  example: number;
  distance: number | null;
  place: HeapPlace | null;
  heldBy: HeapHolder[];
  more: number;
}

/** What {@link analyzeHeap} answers: what was asked for, by its name. */
export interface HeapAnalysis {
  /** The version of this form. */
  schema: 1;
  summary?: HeapSummary;
  largest?: LargestObjects;
  duplicates?: { strings: DuplicateGroups; arrays: DuplicateGroups };
  closures?: ClosureSites;
  collections?: CollectionSizes;
  detached?: DetachedObjects;
  query?: { query: string; count: number; selfSize: number; retainedSize: number; objects: HeapObject[] };
  /** Of an object. */
  retainers?:
    | { object: HeapObject; path: HeapStep[]; heldBy: HeapRetainer[]; more: number }
    /** Of a class. */
    | {
        class: string;
        count: number;
        selfSize: number;
        retainedSize: number;
        largest: HeapObject[];
        heldBy: HeapHolder[];
        more: number;
      };
}

/** Options of {@link analyzeHeap}. */
export interface AnalyzeHeapOptions extends HeapReadOptions {
  /**
   * Which looks.
   * @defaultValue `['summary', 'largest']`, or none where `query` or `retainers` is given
   */
  looks?: HeapLook[];
  /**
   * Rows of each list, 1 to 100,000.
   * @defaultValue 20
   */
  limit?: number;
  /** Objects that a query describes, in the language of `docs/heap.md`: `class = "Session" and retained > 1MB`. */
  query?: string;
  /** Who holds this: an object, `@1234`, or the objects of a class, `Session`. */
  retainers?: string;
}
