/** The snapshot engine, as the check uses it: loaded only when there is something to compare. */

import type { CompareHeapsOptions, HeapComparison, HeapSource } from '../heap/types';

/** Compares two or three snapshots. */
export async function compareHeaps(
  sources: HeapSource[],
  options: CompareHeapsOptions,
): Promise<HeapComparison> {
  const { compareHeaps: compare } = await import('../heap/index.js');
  return compare(sources, options);
}
