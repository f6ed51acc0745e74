/**
 * Lets the user of this process ask it, from the command line: one line of JSON in, one line of JSON out.
 *
 * It is opened only where that was asked for. It keeps no process alive, and holds of a client no more than the line it is
 * sending, which is short. Who may ask, the system decides by the directory: see `place.ts`.
 *
 * @see docs/design/profile.md
 */

import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { reportError } from '../lifetime/report-error';
import { addressesAreFiles, controlAddress, makeDirectory, refused } from './place';

/** At a time; more are turned away. */
const MOST_CLIENTS = 4;
/** Characters of a request, and ms until it has to be there. */
const MOST_REQUEST = 4096;
const PATIENCE = 5000;
/** Sockets that processes have left behind which are looked at, at a start. */
const MOST_STALE = 200;

/** What can be asked for. The signal aborts when whoever asked is gone. */
export type Commands = Record<string, (options: object, signal: AbortSignal) => Promise<unknown>>;

/** A request, and its answer. */
export interface ControlRequest {
  command: string;
  options?: object;
}
export type ControlAnswer =
  | { ok: true; result: unknown }
  | { ok: false; error: { message: string; code?: string | undefined } };

export interface Control {
  close(): void;
}

/** Opens it. What fails becomes a process warning: diagnosis must not be what keeps a program from running. */
export function openControl(commands: Commands): Control {
  const address = controlAddress(process.pid);
  const server = createServer((socket) => serve(socket, commands));
  server.maxConnections = MOST_CLIENTS;
  server.unref();
  let closed = false;
  const remove = (): void => {
    if (addressesAreFiles && server.listening) rmSync(address, { force: true });
  };
  const close = (): void => {
    closed = true;
    process.off('exit', remove);
    // Its own file the server removes itself.
    server.close();
  };
  listen(server, address, () => closed).then(
    () => {
      if (closed) server.close();
      else process.once('exit', remove);
    },
    (error) => reportError(error, 'while the control socket was opened', 'PLATEAU_CONTROL'),
  );
  return { close };
}

async function listen(server: Server, address: string, isClosed: () => boolean): Promise<void> {
  if (addressesAreFiles) {
    const directory = makeDirectory();
    await removeStale(directory, address);
  }
  if (isClosed()) return;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // In a worker of a cluster, itself: the primary would bind it otherwise, and keep it.
    server.listen({ path: address, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
  if (addressesAreFiles) chmodSync(address, 0o600);
}

/**
 * Removes sockets on which nobody listens, as of processes that were killed. Asked by connecting, not by pid: in another
 * container that shares the directory, pids mean other processes.
 */
async function removeStale(directory: string, own: string): Promise<void> {
  const names = readdirSync(directory).filter((name) => /^\d+\.sock$/.test(name));
  for (const name of names.slice(0, MOST_STALE)) {
    const path = join(directory, name);
    const live = await isAnswered(path);
    if (!live) rmSync(path, { force: true });
    else if (path === own) throw refused(`${path} is another process's, of another container perhaps`);
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.unref();
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Only what is known to be dead is.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

function serve(socket: Socket, commands: Commands): void {
  const gone = new AbortController();
  let text = '';
  socket.unref();
  socket.setEncoding('utf8');
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('close', () => gone.abort());
  // A half that is closed is somebody who has gone.
  socket.on('end', () => gone.abort());
  const read = (chunk: string): void => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= MOST_REQUEST) return;
    socket.off('data', read);
    // What else it sends is let go.
    socket.resume();
    socket.setTimeout(0);
    const line = end < 0 || end > MOST_REQUEST ? undefined : text.slice(0, end);
    text = '';
    void answerTo(line, commands, gone.signal).then((answer) => {
      socket.setTimeout(PATIENCE);
      socket.end(`${JSON.stringify(answer)}\n`);
    });
  };
  socket.on('data', read);
}

async function answerTo(
  line: string | undefined,
  commands: Commands,
  signal: AbortSignal,
): Promise<ControlAnswer> {
  try {
    if (line === undefined) throw refused(`a request has at most ${MOST_REQUEST} characters`);
    const { command, options = {} } = parse(line);
    if (!Object.hasOwn(commands, command)) throw refused(`there is no command ${JSON.stringify(command)}`);
    return { ok: true, result: await commands[command]?.(options, signal) };
  } catch (error) {
    const { message, code } = error as { message?: unknown; code?: unknown };
    return {
      ok: false,
      error: { message: String(message), code: typeof code === 'string' ? code : undefined },
    };
  }
}

function parse(line: string): ControlRequest {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    // Said below.
  }
  const { command, options } = (request ?? {}) as Partial<Record<'command' | 'options', unknown>>;
  const isObject = options === undefined || (typeof options === 'object' && options !== null);
  if (typeof command !== 'string' || !isObject)
    throw refused('a request is one line of JSON, with a command');
  return { command, ...(options === undefined ? {} : { options: options as object }) };
}
