/** The command line of `npm run bench`. */

import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- <name> [options]

  --quick               fewer rounds, shorter measurements: to see that it runs, not to quote
  --rounds N            rounds per row
  --rows A,B            only these rows or tags; * stands for anything: --rows 'get-hit/*,core'
  --only A,B            only these contenders (and those the ratios need); * as above
  --parallel N          so many processes at a time: sooner, and good enough where no time is measured (not where
                        contenders take turns)
  --json FILE           write all samples and the machine's description
  --save                the same, to bench/results/<name>.json
  --markdown FILE       write the tables for the docs
  --check               compare with the project's targets and print PASS or MISS for each
  --strict              with --check: exit with 1 when a target is missed
  --list                print the rows and contenders and stop
  --help

  detection only:
  --seconds N           of load on each program
  --record DIR          instead of judging, write what was sampled each second, one file per program

  heap only:
  --keep                leave the snapshots in the temporary folder, for the next run

PLATEAU_BENCH_ENTRY=/path/to/dist/index.cjs measures another build of plateau. PLATEAU_BENCH_BEFORE=… adds the caches
of one as contenders: cache --rows 'set-evict/1k/*' --only 'plateau*,before*' says what a change has brought.
`;

/** @param {string[]} argv */
export function readArgs(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      parallel: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      record: { type: 'string' },
      rows: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      save: { type: 'boolean', default: false },
      markdown: { type: 'string' },
      check: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    name: positionals[0],
    rounds: positiveInteger('rounds', values.rounds),
    parallel: positiveInteger('parallel', values.parallel) ?? 1,
    seconds: positiveInteger('seconds', values.seconds),
    rows: matcher(values.rows),
    only: matcher(values.only),
  };
}

function positiveInteger(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new TypeError(`--${name} must be a positive integer, got ${text}`);
}

/** A test of names against a list such as `get-hit/*,core`; everything passes without a list. */
function matcher(list) {
  if (list === undefined) return () => true;
  const patterns = list.split(',').map((name) => {
    const escaped = name.trim().replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*')}$`);
  });
  return (name) => patterns.some((pattern) => pattern.test(name));
}
