/** The native addon, loaded once when the package is first imported. */

import type { NativeBinding } from './binding';
import { loadNative } from './load';

export type {
  BuildInfo,
  CacheClock,
  ListenerLedger,
  LruPlanner,
  MemoryWatch,
  NativeBinding,
  NativeHeapRedactor,
  NativeHeapSource,
  NativeIsolate,
  NativeSample,
  NativeVerdict,
} from './binding';

export const native: NativeBinding = loadNative();
