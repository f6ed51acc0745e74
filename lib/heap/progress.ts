/** Tells how far the engine is. */

import type { NativeHeapSource } from '../native';
import type { HeapReadOptions } from './types';

/** Milliseconds between two looks. */
const EVERY_MS = 200;

/**
 * Calls back a few times a second, with shares of the whole from `from` to `to`, until the returned function is called. Keeps
 * no process alive.
 */
export function watchProgress(
  source: NativeHeapSource,
  stage: string,
  from: number,
  to: number,
  onProgress: HeapReadOptions['onProgress'],
): () => void {
  if (onProgress === undefined) return () => {};
  onProgress({ share: from, stage });
  const timer = setInterval(() => {
    onProgress({ share: from + (to - from) * source.share(), stage });
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
