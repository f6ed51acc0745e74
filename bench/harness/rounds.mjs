/**
 * Runs contenders in turn, A B C A B C …, each time in a fresh process.
 *
 * A fresh process, because what the JIT learned from one contender would change the code of the next. In turn,
 * because the machine's speed drifts: contenders that are compared ran within seconds of each other. The order
 * rotates by one each round so that nobody always follows the same neighbour.
 *
 * With `turns`, all contenders of a round are started first, and then each does one repetition after the other, so that
 * what is compared is a second apart at most: a neighbour that takes half of a processor core comes and goes in seconds.
 */

import { Measured } from './measured.mjs';

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string[]} contenders
 * @property {Record<string, string>} [absent] Contenders that cannot do this row, and why.
 * @property {string[]} [tags] Names by which `--rows` selects it, besides its id.
 * @property {number} [timeout] Milliseconds one child may take, where that is not the same for all rows.
 * @property {number} [rounds] So many at most, where a round takes long.
 * @property {object} task What the child gets, besides `contender`.
 */

/**
 * @param {object} run
 * @param {URL} run.child
 * @param {string[]} run.execArgv
 * @param {Row[]} run.rows
 * @param {number} run.rounds
 * @param {number} [run.parallel] Children at a time. More than one disturb each other: not where time is measured.
 * @param {number} run.timeout Milliseconds one child may take.
 * @param {boolean} [run.turns] Whether contenders take turns at every repetition; then one works at a time.
 * @param {(text: string) => void} run.progress
 * @returns {Promise<Results>}
 */
export async function runRounds(run) {
  const { rows, rounds, progress } = run;
  const results = new Results(rounds);
  const groups = inTurn(rows, rounds);
  const units = run.turns ? groups : groups.flat().map((one) => [one]);
  let started = 0;
  const lane = async () => {
    while (started < units.length) {
      const unit = /** @type {Run[]} */ (units[started++]);
      const [{ row, round, contender }] = /** @type {[Run]} */ (unit);
      const who = unit.length === 1 ? `  ${contender}` : '';
      progress(`${started}/${units.length}  ${row.id}  round ${round + 1}/${rounds}${who}`);
      for (const [one, outcome] of await runUnit(run, unit)) {
        if ('error' in outcome) progress(`${one.row.id} ${one.contender} failed: ${outcome.error}\n`);
        results.add(one.row.id, one.contender, one.round, outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: run.turns ? 1 : (run.parallel ?? 1) }, lane));
  progress('');
  return results;
}

/** @typedef {{ row: Row, round: number, contender: string }} Run */

/** The contenders of each row and round. @returns {Run[][]} */
function inTurn(rows, rounds) {
  return rows.flatMap((row) =>
    Array.from({ length: Math.min(rounds, row.rounds ?? rounds) }, (_, round) =>
      rotate(row.contenders, round).map((contender) => ({ row, round, contender })),
    ),
  );
}

/** One process, or several that take turns. @returns {Promise<[Run, { sample: any } | { error: string }][]>} */
async function runUnit({ child, execArgv, timeout, turns = false }, unit) {
  const measured = [];
  for (const { row, contender } of unit) {
    const task = { ...row.task, contender };
    const one = new Measured(child, execArgv, task, row.timeout ?? timeout, turns);
    measured.push(one);
    // Until it is ready for its first turn, or has ended.
    await one.rest();
  }
  for (let turn = 0; measured.some((one) => one.waiting); turn++) {
    for (const one of rotate(measured, turn)) if (one.waiting) await one.go();
  }
  return Promise.all(measured.map(async (one, index) => [unit[index], await one.outcome]));
}

/** The samples of a run: one per row, contender and round. */
export class Results {
  #outcomes = new Map();

  constructor(rounds) {
    this.rounds = rounds;
  }

  add(row, contender, round, outcome) {
    const key = `${row} ${contender}`;
    if (!this.#outcomes.has(key)) this.#outcomes.set(key, new Array(this.rounds).fill({}));
    this.#outcomes.get(key)[round] = outcome;
  }

  /** What `pick` finds in each round's sample; NaN where there is none, so that rounds stay aligned. */
  column(row, contender, pick) {
    const outcomes = this.#outcomes.get(`${row} ${contender}`) ?? [];
    return outcomes.map(({ sample }) => {
      const value = sample === undefined ? undefined : pick(sample);
      return Number.isFinite(value) ? value : Number.NaN;
    });
  }

  /** The sample of each round, undefined where there is none. */
  byRound(row, contender) {
    return (this.#outcomes.get(`${row} ${contender}`) ?? []).map(({ sample }) => sample);
  }

  /** The times of each round's turns, or its only one. @returns {number[][]} */
  turns(row, contender) {
    return this.byRound(row, contender).map((sample) => sample?.repetitions ?? [sample?.ns ?? Number.NaN]);
  }

  samples(row, contender) {
    return this.byRound(row, contender).filter((sample) => sample !== undefined);
  }

  /** Why a contender has no sample, where it failed. */
  errors(row, contender) {
    const outcomes = this.#outcomes.get(`${row} ${contender}`) ?? [];
    return outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  }

  toJSON() {
    return Object.fromEntries(this.#outcomes);
  }
}

function rotate(list, by) {
  const cut = by % list.length;
  return [...list.slice(cut), ...list.slice(0, cut)];
}
