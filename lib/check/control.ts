/** The check's end of the conversation with the agents: a server on a socket that only this user can reach. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckFailure } from './failure';
import {
  type Answer,
  type AskName,
  type Asks,
  type Hello,
  type Listening,
  lines,
  type Told,
} from './protocol';

/** The longest path of a Unix socket is 103 characters on some systems. */
const LONGEST_PATH = 100;
/** How long an agent may take, in ms: collecting and snapshots of a large heap take minutes. */
const PATIENCE = 10 * 60_000;

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/** One isolate of the app, as its agent tells of it. */
export class Isolate {
  readonly hello: Hello;
  /** Servers that it has told of, in order. */
  readonly listening: Listening[] = [];
  gone = false;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  constructor(hello: Hello, socket: Socket) {
    this.hello = hello;
    this.#socket = socket;
  }

  /** Asks the agent. Rejects with what it says went wrong, when it goes away, or does not answer in ten minutes. */
  ask<N extends AskName>(name: N, ...args: Asks[N]['ask']): Promise<Asks[N]['answer']> {
    if (this.gone) return Promise.reject(new CheckFailure(`process ${this.hello.pid} has ended`));
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new CheckFailure(`process ${this.hello.pid} did not answer for ${PATIENCE / 60_000} minutes`));
      }, PATIENCE);
      const settled = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
      };
      this.#waiting.set(id, {
        resolve: (value) => settled(() => resolve(value as Asks[N]['answer'])),
        reject: (error) => settled(() => reject(error)),
      });
      this.#socket.write(`${JSON.stringify({ id, ask: name, with: args })}\n`);
    });
  }

  /** Takes an answer. */
  answered({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new CheckFailure(error));
  }

  /** Its connection has closed. */
  left(): void {
    this.gone = true;
    const error = new CheckFailure(`process ${this.hello.pid} has ended`);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The socket, the folder it is in, and the isolates that have come. */
export class Control {
  /** Of mode 0700, removed by {@link close}. */
  readonly folder: string;
  /** Where agents connect. */
  readonly path: string;
  /** In the order in which they came; those that went are left out. */
  readonly isolates = new Set<Isolate>();
  /** Called when an isolate comes, goes, or begins to listen. */
  onChange: () => void = () => {};
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.folder = makeFolder();
    const name = this.folder.split(/[\\/]/).at(-1);
    this.path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(this.folder, 's');
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Resolves when agents can connect. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
  }

  /** Removes socket and folder, synchronously, so that it can be done as the process exits. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #accept(socket: Socket): void {
    let isolate: Isolate | undefined;
    this.#sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on(
      'data',
      lines((line) => {
        const told = JSON.parse(line) as Told;
        if (told.tell === 'answer') isolate?.answered(told);
        else if (told.tell === 'listening') isolate?.listening.push(told);
        else {
          isolate = new Isolate(told, socket);
          this.isolates.add(isolate);
        }
        if (told.tell !== 'answer') this.onChange();
      }),
    );
    // `close` follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (isolate === undefined) return;
      isolate.left();
      this.isolates.delete(isolate);
      this.onChange();
    });
  }
}

function makeFolder(): string {
  const inside = (folder: string): string => mkdtempSync(join(folder, 'plateau-check-'));
  try {
    const usual = tmpdir();
    // Space for what is appended.
    if (usual.length + 25 <= LONGEST_PATH || process.platform === 'win32') return inside(usual);
    return inside('/tmp');
  } catch (error) {
    throw new CheckFailure(`no folder for temporary files can be made: ${(error as Error).message}`);
  }
}
