/** The command line of `npm run bench`. */

import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- <name> [options]

  --quick               fewer rounds, shorter measurements: to see that it runs, not to quote
  --rounds N            rounds per row
  --rows A,B            only these rows or tags; * stands for anything: --rows 'get-hit/*,core'
  --only A,B            only these contenders (and those the ratios need); * as above
  --json FILE           write all samples and the machine's description
  --save                the same, to bench/results/<name>.json
  --markdown FILE       write the tables for the docs
  --check               compare with the project's targets and print PASS or MISS for each
  --strict              with --check: exit with 1 when a target is missed
  --list                print the rows and contenders and stop
  --help

PLATEAU_BENCH_ENTRY=/path/to/dist/index.cjs measures another build of plateau.
`;

/** @param {string[]} argv */
export function readArgs(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      rows: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      save: { type: 'boolean', default: false },
      markdown: { type: 'string' },
      check: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new TypeError(`--rounds must be a positive integer, got ${values.rounds}`);
  }
  return {
    ...values,
    name: positionals[0],
    rounds,
    rows: matcher(values.rows),
    only: matcher(values.only),
  };
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
