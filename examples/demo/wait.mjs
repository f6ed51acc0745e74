/**
 * After the measured part: the same traffic goes on until the apps' memory samplers have made up their minds.
 *
 * Nobody forces a collection meanwhile. The verdicts have to come from what V8 collects by itself, as in production;
 * one forced collection at the end, and the one with which the measured part began, tell what they should have said.
 */

/** @typedef {import('./measure.mjs').Runner} Runner */
/** @typedef {import('./result.mjs').Name} Name */
/** @typedef {import('../shared/judged.mjs').Judged} Judged */

/**
 * @typedef {object} Sampled what the sampler of an app said, and what it should have
 * @property {Judged} verdict
 * @property {Forced} forced
 *
 * @typedef {object} Forced growth between two forced collections: the measured part and the wait
 * @property {number} from bytes
 * @property {number} to bytes
 * @property {number} requests sent between them
 * @property {number} bytesPerRequest
 *
 * @typedef {object} Waiting
 * @property {number} seconds since the load began
 * @property {Record<Name, string>} verdicts for now
 */

/** Seconds since the load began after which nobody waits any longer: a leak takes 80 to 110. */
export const WAIT_UNTIL = 150;
/** Seconds between two questions. */
const ASK_EVERY = 1;
const FINAL = new Set(['leak', 'healthy']);

/**
 * @param {Record<Name, Runner & { beginning: { slice: number, report: { floor: number } } }>} runners
 * @param {object} options
 * @param {() => Promise<void>} options.play one round of traffic
 * @param {() => number} options.elapsed seconds since the load began
 * @param {(waiting: Waiting) => void} options.onWaiting called with every question
 * @returns {Promise<Record<Name, Sampled>>}
 */
export async function awaitVerdicts({ leaking, fixed }, { play, elapsed, onWaiting }) {
  for (;;) {
    const verdicts = { leaking: await leaking.app.verdict(), fixed: await fixed.app.verdict() };
    const seconds = elapsed();
    onWaiting({ seconds, verdicts: { leaking: inShort(verdicts.leaking), fixed: inShort(verdicts.fixed) } });
    if (Object.values(verdicts).every(isSettled) || seconds >= WAIT_UNTIL) {
      return {
        leaking: { verdict: verdicts.leaking, forced: await forced(leaking) },
        fixed: { verdict: verdicts.fixed, forced: await forced(fixed) },
      };
    }
    do await play();
    while (elapsed() < seconds + ASK_EVERY);
  }
}

/** Whether it is one of the two that the apps should end with. @param {Pick<Judged, 'verdict'>} judged */
export function isFinal({ verdict }) {
  return FINAL.has(verdict);
}

/**
 * Whether more of the same traffic adds nothing. Timers that stay are counted at any time, the memory they take only
 * after collections: a leak of them may be told before that of the heap, which is what the demo is about.
 *
 * @param {Pick<Judged, 'verdict' | 'trends'>} judged
 */
function isSettled({ verdict, trends }) {
  const heap = trends.some(({ place, growing }) => place === 'heap' && growing);
  return verdict === 'leak' ? heap : FINAL.has(verdict);
}

/**
 * What is said of an app in one or two words: `leak (heap)`.
 *
 * @param {Pick<Judged, 'verdict' | 'place'>} judged
 */
export function inShort({ verdict, place }) {
  return place === undefined ? verdict : `${verdict} (${place})`;
}

/**
 * @param {Runner & { beginning: { slice: number, report: { floor: number } } }} runner
 * @returns {Promise<Forced>}
 */
async function forced({ app, slices, beginning }) {
  const from = beginning.report.floor;
  const to = (await app.report()).floor;
  const requests = slices.slice(beginning.slice).reduce((sum, slice) => sum + slice.requests, 0);
  return { from, to, requests, bytesPerRequest: (to - from) / requests };
}
