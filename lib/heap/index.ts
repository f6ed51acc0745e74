/** The snapshot engine: what a heap consists of, and what has grown in it. */

export { compareHeaps } from './compare';
export type {
  ClassGrowth,
  CompareHeapsOptions,
  HeapComparison,
  HeapFinding,
  HeapReadOptions,
  HeapSource,
  LeakPattern,
  SourcePlace,
  TraceStep,
} from './types';
