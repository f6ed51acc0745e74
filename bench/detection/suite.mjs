/** Does the memory sampler find leaks under live load, name their place, and leave healthy programs alone? */

import { loadProgram, programIds } from './program.mjs';
import { report, targets } from './report.mjs';

/** Seconds of load on a program that does not ask for more. */
const SECONDS = 150;
const QUICK_SECONDS = 60;
/** Milliseconds for starting and ending, beside the load. */
const MARGIN = 60_000;

const programs = await Promise.all(
  programIds().map(async (id) => ({ id, kind: id.split('/')[0] ?? '', ...(await loadProgram(id)) })),
);

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: [],
  rounds: 1,
  quickRounds: 1,
  timeout: MARGIN,
  packages: [
    'plateau',
    'autocannon',
    'express',
    'fastify',
    'lru-cache',
    '@isaacs/ttlcache',
    'node-cache',
    'undici',
  ],
  always: [],
  rows: ({ quick, seconds, record }) =>
    programs.map(({ id, kind, why, place, alsoRight = [], perRequest, seconds: least = 0 }) => {
      const duration = seconds ?? (quick ? QUICK_SECONDS : Math.max(SECONDS, least));
      return {
        id,
        title: why,
        contenders: record === undefined ? ['plateau', 'mann-kendall'] : ['recording'],
        tags: [kind],
        timeout: duration * 1000 + MARGIN,
        known: { kind, place, right: [place, ...alsoRight], perRequest },
        task: { program: id, seconds: duration, directory: record },
      };
    }),
  report,
  targets,
};
