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
export { type CaptureHeapOptions, captureHeap, type HeapCapture } from './capture';
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
