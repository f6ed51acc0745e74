/** The sampler of this thread, where features find it that it must not be imported by. */

import type { MemorySampler } from './sampler';

let running: MemorySampler | undefined;

/** The sampler of this thread, if one runs. */
export function memorySampler(): MemorySampler | undefined {
  return running;
}

export function setMemorySampler(sampler: MemorySampler | undefined): void {
  running = sampler;
}
