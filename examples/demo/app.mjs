/** One of the two apps as a child process: started, asked what it holds, stopped. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../shared/serve.mjs').Report} Report */

/** An app that takes longer than this over anything has failed. */
const PATIENCE_MS = 30_000;
/** How long an app may take to end before it is killed. */
const GRACE_MS = 2_000;
/** What is shown of an app's last words. */
const LAST_WORDS = 2_000;

/** The demo cannot go on, and this says why; shown without a stack. */
export class DemoError extends Error {}

export class App {
  #name;
  #child;
  #stopping = false;
  #lastWords = '';
  #origin = '';
  /** Rejects when the app ends before it is told to. */
  #died;

  /**
   * @param {string} name for messages
   * @param {string} folder of examples/
   */
  constructor(name, folder) {
    this.#name = name;
    const child = fork(fileURLToPath(new URL(`../${folder}/server.mjs`, import.meta.url)), [], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    this.#died = new Promise((_, reject) => {
      child.once('error', (error) => reject(new DemoError(`${name} could not be started: ${error.message}`)));
      // `close` and not `exit`: only then has everything that it said arrived.
      child.once('close', (code, signal) => {
        if (this.#stopping) return;
        const hint = /heap out of memory/i.test(this.#lastWords) ? ' (out of memory)' : '';
        reject(
          new DemoError(
            `${name} ended by itself: ${signal ?? `exit code ${code}`}${hint}\n${this.#lastWords}`,
          ),
        );
      });
    });
    // Whoever waits for the app hears of it; while nobody does, it is no unhandled rejection.
    this.#died.catch(() => {});
  }

  get origin() {
    return this.#origin;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits until it listens. */
  async ready() {
    const { port } = await this.#answer();
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /**
   * What it holds, after a garbage collection.
   *
   * @returns {Promise<Report>}
   */
  async report() {
    const answer = this.#answer();
    this.#child.send({ ask: 'report' }, () => {});
    return (await answer).report;
  }

  /**
   * What leaks, by its own account: call sites, and scopes that are never closed.
   *
   * @returns {Promise<string[]>}
   */
  async diagnosis() {
    const answer = this.#answer();
    this.#child.send({ ask: 'diagnosis' }, () => {});
    return (await answer).diagnosis;
  }

  /**
   * What its memory sampler says of it.
   *
   * @returns {Promise<import('../shared/judged.mjs').Judged>}
   */
  async verdict() {
    const answer = this.#answer();
    this.#child.send({ ask: 'verdict' }, () => {});
    return (await answer).verdict;
  }

  /**
   * Waits for something that cannot happen without the app.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  orDead(promise) {
    return Promise.race([promise, this.#died]);
  }

  async stop() {
    this.#stopping = true;
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  async #answer() {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), PATIENCE_MS);
    try {
      const [message] = await this.orDead(once(this.#child, 'message', { signal: timeout.signal }));
      return message;
    } catch (error) {
      if (timeout.signal.aborted)
        throw new DemoError(`${this.#name} did not answer in ${PATIENCE_MS / 1_000} s`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
