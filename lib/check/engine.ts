/** The snapshot engine, as the check uses it. */

import type { CompareHeapsOptions, HeapComparison, HeapSource } from '../heap/types';

/** Compares two or three snapshots. */
export async function compareHeaps(
  _sources: readonly HeapSource[],
  _options: CompareHeapsOptions = {},
): Promise<HeapComparison> {
  throw new Error('the snapshot engine is not built');
}
