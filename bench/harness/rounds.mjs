/**
 * Runs contenders in turn, A B C A B C …, each time in a fresh process.
 *
 * A fresh process, because what the JIT learned from one contender would change the code of the next. In turn,
 * because the machine's speed drifts: contenders that are compared ran within seconds of each other. The order
 * rotates by one each round so that nobody always follows the same neighbour.
 */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SAMPLE_PREFIX } from './child.mjs';

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
 * @param {(text: string) => void} run.progress
 * @returns {Promise<Results>}
 */
export async function runRounds({ child, execArgv, rows, rounds, parallel = 1, timeout, progress }) {
  const results = new Results(rounds);
  const runs = inTurn(rows, rounds);
  let started = 0;
  const lane = async () => {
    while (started < runs.length) {
      const { row, round, contender } = /** @type {Run} */ (runs[started++]);
      progress(`${started}/${runs.length}  ${row.id}  round ${round + 1}/${rounds}  ${contender}`);
      const outcome = await runOne(child, execArgv, { ...row.task, contender }, row.timeout ?? timeout);
      if ('error' in outcome) progress(`${row.id} ${contender} failed: ${outcome.error}\n`);
      results.add(row.id, contender, round, outcome);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  progress('');
  return results;
}

/** @typedef {{ row: Row, round: number, contender: string }} Run */

/** @returns {Run[]} */
function inTurn(rows, rounds) {
  return rows.flatMap((row) =>
    Array.from({ length: Math.min(rounds, row.rounds ?? rounds) }, (_, round) =>
      rotate(row.contenders, round).map((contender) => ({ row, round, contender })),
    ).flat(),
  );
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

  samples(row, contender) {
    const outcomes = this.#outcomes.get(`${row} ${contender}`) ?? [];
    return outcomes.flatMap(({ sample }) => (sample === undefined ? [] : [sample]));
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

/** @returns {Promise<{ sample: any } | { error: string }>} */
function runOne(child, execArgv, task, timeout) {
  return new Promise((resolve) => {
    const args = [...execArgv, fileURLToPath(child), JSON.stringify(task)];
    const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    running.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    running.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    const timer = setTimeout(() => running.kill('SIGKILL'), timeout);
    running.on('error', (error) => resolve({ error: error.message }));
    running.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = out.split('\n').findLast((text) => text.startsWith(SAMPLE_PREFIX));
      if (line) resolve({ sample: JSON.parse(line.slice(SAMPLE_PREFIX.length)) });
      else resolve({ error: firstError(err) ?? `ended with ${signal ?? `code ${code}`} and no sample` });
    });
  });
}

/** The message of the error a process died of, as Node prints it above the stack. */
function firstError(text) {
  return text.split('\n').find((line) => /^(Uncaught )?\w*Error\b.*: /.test(line));
}
