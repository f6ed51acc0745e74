/**
 * The agent of `plateau check`: preloaded into each isolate of the app (`NODE_OPTIONS=--require`), it connects to the
 * check, tells what listens, and measures when it is asked to. It keeps no isolate alive. When the check goes away, even
 * by `kill -9`, the app ends: nobody else would end it.
 */

import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import {
  type AskName,
  type Asks,
  type Hello,
  lines,
  type Question,
  SOCKET_VARIABLE,
  type Told,
} from '../protocol';
import { descriptorLimit, measureFloor } from './measure';
import { longestTimer, observe, openConnections, servedRequests } from './observe';
import { Snapshots } from './snapshot';

type Handlers = { [N in AskName]: (...args: Asks[N]['ask']) => Promise<Asks[N]['answer']> };

const { setTimeout: later } = globalThis;
/** How long connections may take to close after the load, in ms; and how often they are looked at. */
const [CLOSING, LOOK] = [1500, 30];

const snapshots = new Snapshots();

const handlers: Handlers = {
  async floor() {
    await connectionsToClose();
    const floor = await measureFloor();
    return {
      ...floor,
      served: servedRequests(),
      longestTimer: longestTimer(),
      descriptorLimit: descriptorLimit(),
    };
  },
  // Loaded only now: a healthy app never gets to see the rest of plateau.
  observe: async () => (await import('./ledger.js')).observeGrowth(__filename),
  growth: async () => {
    const { growingListeners, openHandles } = await import('./ledger.js');
    return { listeners: growingListeners(), handles: openHandles() };
  },
  snapshot: (file) => snapshots.write(file),
  sample: async () => {
    await snapshots.startSampling();
    return true;
  },
  sampled: () => snapshots.stopSampling(),
  bounds: (ids) => snapshots.bounds(ids),
  places: async (places) => (await import('./originals.js')).originals(places),
};

/** Until there are none, or as many as there were the last times: a client of the app's own may stay. */
async function connectionsToClose(): Promise<void> {
  let [before, same] = [-1, 0];
  for (let waited = 0; waited < CLOSING && same < 5; waited += LOOK) {
    const open = await openConnections();
    if (open === 0) return;
    same = open === before ? same + 1 : 0;
    before = open;
    await new Promise((resolve) => later(resolve, LOOK));
  }
}

function start(path: string): void {
  let socket: Socket | undefined;
  const backlog: Told[] = [];
  const tell = (told: Told): void => {
    if (socket === undefined) backlog.push(told);
    else socket.write(`${JSON.stringify(told)}\n`);
  };
  const hello: Hello = {
    tell: 'hello',
    pid: process.pid,
    parent: process.ppid,
    thread: isMainThread ? 0 : threadId,
    script: process.argv[1] ?? '',
    node: process.version,
  };
  tell(hello);
  observe(tell);
  const connection = connect(path, () => {
    socket = connection;
    for (const told of backlog.splice(0)) tell(told);
  });
  connection.unref();
  connection.setEncoding('utf8');
  connection.on(
    'data',
    lines((line) => void answer(JSON.parse(line) as Question, tell)),
  );
  // `close` follows.
  connection.on('error', () => {});
  connection.on('close', () => {
    if (isMainThread && socket !== undefined) end(path);
  });
}

async function answer({ id, ask, with: args }: Question, tell: (told: Told) => void): Promise<void> {
  try {
    const handler = handlers[ask] as (...args: unknown[]) => Promise<unknown>;
    tell({ tell: 'answer', id, value: await handler(...args) });
  } catch (error) {
    tell({ tell: 'answer', id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** The check is gone: nobody would end the app or remove the check's files any more. */
function end(path: string): void {
  if (process.platform !== 'win32') rmSync(dirname(path), { recursive: true, force: true });
  process.kill(process.pid, 'SIGTERM');
  later(() => process.kill(process.pid, 'SIGKILL'), 2000).unref();
}

/** Whether this is the thread of Node's in which hooks of loaders run: nothing of the app's is in it. */
function isHooksThread(): boolean {
  if (isMainThread) return false;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack.includes('node:internal/modules/esm/worker');
}

const path = process.env[SOCKET_VARIABLE];
if (path !== undefined && path !== '' && !isHooksThread()) start(path);
