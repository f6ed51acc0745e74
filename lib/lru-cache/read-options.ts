/**
 * Checks the options of the constructor. The conditions, their order and the messages are those of lru-cache, which
 * programs and their tests may match on: this is the one place where errors have no code of plateau's.
 */

import type { LruOptionsBase } from './options';
import type { Perf } from './types';

/** Options that stay undefined where they are not given. */
type Callback = 'sizeCalculation' | 'dispose' | 'disposeAfter' | 'onInsert' | 'fetchMethod' | 'memoMethod';

/** Options with the defaults filled in. */
export interface Settings<K, V, FC>
  extends Required<Omit<LruOptionsBase<K, V, FC>, Callback>>,
    Pick<LruOptionsBase<K, V, FC>, Callback> {}

/**
 * Reads options, or another cache.
 *
 * @throws TypeError in the words of lru-cache
 */
export function readOptions<K, V, FC>(options: LruOptionsBase<K, V, FC>): Settings<K, V, FC> {
  const { max = 0, maxSize = 0, maxEntrySize = 0, ttl, ttlResolution = 1, backgroundFetchSize = 1 } = options;
  const { perf, sizeCalculation, memoMethod, fetchMethod, dispose, disposeAfter, onInsert } = options;
  if (perf !== undefined && typeof perf?.now !== 'function') {
    throw new TypeError('perf option must have a now() method if specified');
  }
  readMax(max);
  const settings: Settings<K, V, FC> = {
    max,
    maxSize,
    maxEntrySize: maxEntrySize || maxSize,
    backgroundFetchSize,
    sizeCalculation,
    ttl: ttl || 0,
    ttlResolution: isPositiveInteger(ttlResolution) || ttlResolution === 0 ? ttlResolution : 1,
    ttlAutopurge: !!options.ttlAutopurge,
    updateAgeOnGet: !!options.updateAgeOnGet,
    updateAgeOnHas: !!options.updateAgeOnHas,
    noUpdateTTL: !!options.noUpdateTTL,
    allowStale: !!options.allowStale,
    noDeleteOnStaleGet: !!options.noDeleteOnStaleGet,
    noDisposeOnSet: !!options.noDisposeOnSet,
    noDeleteOnFetchRejection: !!options.noDeleteOnFetchRejection,
    allowStaleOnFetchRejection: !!options.allowStaleOnFetchRejection,
    allowStaleOnFetchAbort: !!options.allowStaleOnFetchAbort,
    ignoreFetchAbort: !!options.ignoreFetchAbort,
    // Anything else in their place is no callback.
    dispose: typeof dispose === 'function' ? dispose : undefined,
    disposeAfter: typeof disposeAfter === 'function' ? disposeAfter : undefined,
    onInsert: typeof onInsert === 'function' ? onInsert : undefined,
    fetchMethod,
    memoMethod,
    perf: perf ?? defaultPerf(),
  };
  if (sizeCalculation) {
    if (!maxSize && !settings.maxEntrySize) {
      throw new TypeError('cannot set sizeCalculation without setting maxSize or maxEntrySize');
    }
    if (typeof sizeCalculation !== 'function') throw new TypeError('sizeCalculation set to non-function');
  }
  if (memoMethod !== undefined && typeof memoMethod !== 'function') {
    throw new TypeError('memoMethod must be a function if defined');
  }
  if (fetchMethod !== undefined && typeof fetchMethod !== 'function') {
    throw new TypeError('fetchMethod must be a function if specified');
  }
  readBounds(settings);
  return settings;
}

function readMax(max: number): void {
  if (max !== 0 && !isPositiveInteger(max)) throw new TypeError('max option must be a nonnegative integer');
  if (max > Number.MAX_SAFE_INTEGER) throw new Error(`invalid max value: ${max}`);
}

type Bounds = Pick<
  Settings<never, never, never>,
  'max' | 'maxSize' | 'maxEntrySize' | 'ttl' | 'ttlAutopurge'
>;

function readBounds({ max, maxSize, maxEntrySize, ttl }: Bounds): void {
  if (maxEntrySize !== 0) {
    if (maxSize !== 0 && !isPositiveInteger(maxSize)) {
      throw new TypeError('maxSize must be a positive integer if specified');
    }
    if (!isPositiveInteger(maxEntrySize)) {
      throw new TypeError('maxEntrySize must be a positive integer if specified');
    }
  }
  if (ttl && !isPositiveInteger(ttl)) throw new TypeError('ttl must be a positive integer if specified');
  if (max === 0 && ttl === 0 && maxSize === 0) {
    throw new TypeError('At least one of max, maxSize, or ttl is required');
  }
}

let hasWarned = false;

/** Warns, once per process, of caches that nothing bounds. `hideAbove` is what the stack begins after. */
export function warnIfUnbounded(
  { ttlAutopurge, max, maxSize }: Bounds,
  hideAbove: abstract new (options: never) => unknown,
): void {
  if (ttlAutopurge || max || maxSize || hasWarned) return;
  hasWarned = true;
  const code = 'LRU_CACHE_UNBOUNDED';
  const type = 'UnboundedCacheWarning';
  const message =
    'TTL caching without ttlAutopurge, max, or maxSize can result in unbounded memory consumption.';
  if (typeof process.emitWarning === 'function') {
    process.emitWarning(message, type, code, hideAbove as unknown as () => void);
  } else console.error(`[${code}] ${type}: ${message}`);
}

/** Read anew for each cache, so that a cache made under fake timers takes the time from them. */
function defaultPerf(): Perf {
  const { performance } = globalThis as { performance?: Perf | null };
  return typeof performance?.now === 'function' ? performance : Date;
}

/** Whether it is a size, a count or a duration that lru-cache accepts. */
export function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
