/** The snapshot engine: what a heap consists of, and what has grown in it. */

export type {
  AnalyzeHeapOptions,
  ClosureSites,
  CollectionSizes,
  DetachedObjects,
  DuplicateGroups,
  HeapAnalysis,
  HeapClass,
  HeapHolder,
  HeapLook,
  HeapObject,
  HeapPlace,
  HeapRetainer,
  HeapStep,
  HeapSummary,
  LargestObjects,
} from './analysis-types';
export { analyzeHeap } from './analyze';
export { captureHeap } from './capture';
export type { CaptureHeapOptions, HeapCapture } from './capture-options';
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
