/**
 * The app under check as a tree of processes: started in a group of its own, and ended whole, whatever it has started
 * itself.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { CheckFailure } from './failure';
import { SOCKET_VARIABLE } from './protocol';

/** What is kept of what the app prints, in characters: its last words. */
const LAST_WORDS = 8000;
/** How long the app may take to end when it is asked to, in ms. */
const GRACE = 2000;
const WINDOWS = process.platform === 'win32';

export interface AppOptions {
  command: readonly string[];
  /** The agent's file. */
  agent: string;
  /** Where agents connect. */
  socket: string;
  cwd: string;
  /** Shows what the app prints, on stderr. */
  showOutput: boolean;
}

export class App {
  /** Rejects when it ends before it is told to. */
  readonly died: Promise<never>;
  readonly #child: ChildProcess;
  readonly #options: AppOptions;
  #lastWords = '';
  #stopping = false;
  #ended = false;
  /** Other processes of the app, by their agents. */
  readonly #others: () => number[];

  constructor(options: AppOptions, others: () => number[]) {
    this.#options = options;
    this.#others = others;
    const [file = '', ...args] = options.command;
    // There, `npm` and its like are scripts, which take a shell, which takes quotes.
    const shell = WINDOWS && !/(?:\.exe|\bnode)$/i.test(file);
    this.#child = spawn(file, shell ? args.map(quoted) : args, {
      cwd: options.cwd,
      env: environment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which can be ended as one, and which the terminal's Ctrl-C does not reach.
      detached: !WINDOWS,
      shell,
      windowsHide: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
        if (options.showOutput) process.stderr.write(text);
      });
    }
    this.died = new Promise((_, reject) => {
      this.#child.once('error', (error) => {
        this.#ended = true;
        reject(new CheckFailure(cannotStart(file, error as NodeJS.ErrnoException)));
      });
      this.#child.once('exit', () => {
        this.#ended = true;
      });
      // And not `exit`: only then has everything that it said arrived. A child of it may hold the pipes open.
      const said = (code: number | null, signal: string | null) => reject(this.#epitaph(code, signal));
      this.#child.once('exit', (code, signal) => setTimeout(said, 300, code, signal));
      this.#child.once('close', said);
    });
    // Whoever waits for the app hears of it; while nobody does, it is no unhandled rejection.
    this.died.catch(() => {});
  }

  /** The last lines that it printed. */
  get lastWords(): string {
    return this.#lastWords.trim().split('\n').slice(-12).join('\n');
  }

  /** Ends all its processes, and resolves when the first has gone. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (!this.#ended && this.#child.pid !== undefined) {
      const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
      this.#signal('SIGTERM');
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, GRACE)))]);
      clearTimeout(timer);
    }
    this.kill();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Ends all its processes at once; synchronous, so that it can be done as this process exits. */
  kill(): void {
    this.#stopping = true;
    this.#signal('SIGKILL');
    for (const pid of strays(this.#options.socket)) send(pid, 'SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (WINDOWS) {
      spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    } else {
      // The group outlives its first process, and its number is not given to another as long as it does.
      send(-pid, signal);
    }
    // Those that have left the group. An agent is connected as long as its process lives.
    for (const other of this.#others()) send(other, signal);
  }

  #epitaph(code: number | null, signal: string | null): CheckFailure {
    const taken = /EADDRINUSE[^\n]*?(\S*:\d+)/.exec(this.#lastWords);
    const why =
      taken !== null
        ? `its port is taken (${taken[1]})`
        : /heap out of memory/i.test(this.#lastWords)
          ? 'it ran out of memory'
          : signal === null
            ? `exit code ${code}`
            : `signal ${signal}`;
    const words = this.lastWords;
    return new CheckFailure(`the app ended by itself: ${why}${words === '' ? '' : `\n${words}`}`);
  }
}

function quoted(argument: string): string {
  return /[\s"&|<>^]/.test(argument) ? `"${argument.replaceAll('"', '""')}"` : argument;
}

function environment({ agent, socket }: AppOptions): NodeJS.ProcessEnv {
  const quoted = `--require "${agent.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const { NODE_OPTIONS: before = '' } = process.env;
  return { ...process.env, NODE_OPTIONS: `${before} ${quoted}`.trim(), [SOCKET_VARIABLE]: socket };
}

function cannotStart(file: string, { code, message }: NodeJS.ErrnoException): string {
  const why =
    code === 'ENOENT' ? 'there is no such program' : code === 'EACCES' ? 'it is not executable' : message;
  return `${JSON.stringify(file)} cannot be started: ${why}`;
}

/** Processes that have left the group and have no agent: on Linux, all that inherited the variable. */
function strays(socket: string): number[] {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      try {
        if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${SOCKET_VARIABLE}=${socket}\0`)) {
          found.push(Number(name));
        }
      } catch {
        // Another user's, or gone.
      }
    }
  } catch {
    // No /proc.
  }
  return found;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}
