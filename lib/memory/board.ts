/** The words shared with the keeper thread; the same order as in `src/memory/board.rs`. Each is a double. */

export const WORDS = 32;

/** Written by JavaScript. `turn` is written last. */
export const Word = {
  turn: 0,
  floor: 1,
  floorLow: 2,
  floorExternal: 3,
  heapUsed: 4,
  heapCommitted: 5,
  heapLimit: 6,
  external: 7,
  arrayBuffers: 8,
  major: 9,
  minor: 10,
  majorMs: 11,
  minorMs: 12,
  loopDelay: 13,
  loopUtilization: 14,
  requests: 15,
  handles: 16,
  timers: 17,
  cacheBytes: 18,
  cacheEntries: 19,
  cacheFilling: 20,
  heapYoung: 21,
  /** Written by the keeper. */
  told: 28,
  cgroupLimit: 29,
  cgroupUsed: 30,
} as const;
