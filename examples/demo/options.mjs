/** The command line of the demo. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WAIT_UNTIL } from './wait.mjs';

/**
 * @typedef {object} Options
 * @property {number} seconds
 * @property {string} html
 * @property {string | undefined} json
 * @property {boolean} color
 * @property {boolean} verdict whether to wait for what the memory samplers say
 * @property {boolean} help
 */

const DEFAULT_SECONDS = 25;
const SECONDS = { least: 2, most: 600 };
const root = fileURLToPath(new URL('../../', import.meta.url));

export const HELP = `npm run demo -- [options]

Puts the same load on an app that leaks and on the same app with plateau, and draws what they hold. Then the load goes
on until plateau's memory samplers in both have said whether they leak.

  --seconds N   how long to measure, ${SECONDS.least} to ${SECONDS.most}, after a warm-up of some seconds (default ${DEFAULT_SECONDS})
  --no-verdict  do not wait for the samplers, which takes up to ${WAIT_UNTIL} s from the start
  --html FILE   where the page goes (default demo-output/report.html)
  --json FILE   also write the result as JSON
  --no-color    no colours; the environment variable NO_COLOR does the same
  --help        this text

Exit codes: 0 the run was completed, 1 it failed (an app ended, or a request did), 2 bad usage.
`;

/** The command line makes no sense, and this says what would. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const { values } = parse(args);
  const seconds = values.seconds === undefined ? DEFAULT_SECONDS : Number(values.seconds);
  if (!(seconds >= SECONDS.least && seconds <= SECONDS.most)) {
    const range = `from ${SECONDS.least} to ${SECONDS.most}`;
    throw new UsageError(`--seconds must be a number ${range}, got ${JSON.stringify(values.seconds)}`);
  }
  return {
    seconds,
    html: values.html ?? join(root, 'demo-output', 'report.html'),
    json: values.json,
    verdict: !values['no-verdict'],
    color: !values['no-color'] && !process.env.NO_COLOR && process.stdout.isTTY === true,
    help: values.help === true,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        seconds: { type: 'string' },
        'no-verdict': { type: 'boolean' },
        html: { type: 'string' },
        json: { type: 'string' },
        'no-color': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
