/** What plateau's memory sampler says of the app that it runs in. Started by the first import, so with the app. */

import { startMemorySampler } from 'plateau';

const sampler = startMemorySampler();

/**
 * @typedef {object} Seen
 * @property {number} toldAfter seconds from the start of the process to the verdict
 * @property {number} floor bytes of the old and the large-object space after the newest major collection
 * @property {number} requests as the sampler counted them
 *
 * @typedef {import('plateau').MemoryVerdict & Seen} Judged
 */

/** @returns {Judged} */
export function judged() {
  const verdict = sampler.verdict();
  const sample = sampler.sample();
  return {
    ...verdict,
    toldAfter: (verdict.since - performance.timeOrigin) / 1_000,
    floor: sample?.heap.floor ?? 0,
    requests: sample?.requests.count ?? 0,
  };
}
