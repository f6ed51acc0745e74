/** A process that measures one contender, seen from outside. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SAMPLE_PREFIX, TURN_LINE, TURNS } from './child.mjs';

export class Measured {
  /** Whether it waits for its turn. */
  waiting = false;
  /** What came of it. @type {Promise<{ sample: any } | { error: string }>} */
  outcome;
  #process;
  #timeout;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #ended = false;
  #wake = () => {};

  /**
   * @param {URL} child
   * @param {string[]} execArgv
   * @param {object} task
   * @param {number} timeout Milliseconds it may work, in all or, with `turns`, in one turn.
   * @param {boolean} turns Whether it waits for `go` before each repetition.
   */
  constructor(child, execArgv, task, timeout, turns) {
    this.#timeout = timeout;
    this.#process = spawn(process.execPath, [...execArgv, fileURLToPath(child), JSON.stringify(task)], {
      stdio: [turns ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: turns ? { ...process.env, [TURNS]: '1' } : process.env,
    });
    this.#watch();
    this.outcome = this.#end().finally(() => {
      clearTimeout(this.#timer);
      this.#ended = true;
      this.#wake();
    });
  }

  /** Resolves when it waits for its turn, or has ended. */
  rest() {
    return new Promise((resolve) => {
      if (this.waiting || this.#ended) resolve(undefined);
      else this.#wake = () => resolve(undefined);
    });
  }

  /** Gives it a turn, and resolves when that is over. */
  go() {
    this.waiting = false;
    this.#watch();
    this.#process.stdin?.write('\n');
    return this.rest();
  }

  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#process.kill('SIGKILL'), this.#timeout);
  }

  #end() {
    let out = '';
    let err = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (!out.endsWith(`${TURN_LINE}\n`)) return;
      out = '';
      clearTimeout(this.#timer);
      this.waiting = true;
      this.#wake();
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    // It may have ended when it is told to go on.
    this.#process.stdin?.on('error', () => {});
    return new Promise((resolve) => {
      this.#process.on('error', (error) => resolve({ error: error.message }));
      this.#process.on('close', (code, signal) => {
        const line = out.split('\n').findLast((text) => text.startsWith(SAMPLE_PREFIX));
        if (line) resolve({ sample: JSON.parse(line.slice(SAMPLE_PREFIX.length)) });
        else resolve({ error: firstError(err) ?? `ended with ${signal ?? `code ${code}`} and no sample` });
      });
    });
  }
}

/** The message of the error a process died of, as Node prints it above the stack. */
function firstError(text) {
  return text.split('\n').find((line) => /^(Uncaught )?\w*Error\b.*: /.test(line));
}
