/**
 * Proves that the leaking apps leak and that the healthy ones do not, by a measure that shares nothing with
 * `plateau check`: bytes in use after a full collection, from round to round of the same load.
 *
 * `node __test__/check/apps/verify.mjs [name…] [--requests 400] [--rounds 4] [--snapshots DIR] [--fixed]`. A name is an
 * app's, or `leaking` or `healthy` for all of these. With `--snapshots`, a heap snapshot is written after each
 * of the first three rounds: `DIR/<kind>-<name>/{1,2,3}.heapsnapshot`, and nothing is judged. With `--fixed`, the
 * leaking apps run with the leak mended (fixes.mjs), and have to be healthy.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fixed } from './fixes.mjs';
import { healthy, leaking, PATTERNS } from './manifest.mjs';

/** @typedef {import('./manifest.mjs').App} App */

const CONNECTIONS = 10;
/** Bytes a request. What lies between the two is nobody's business: an app that measures so is to be rewritten. */
const LEAKS_FROM = 200;
const HEALTHY_UP_TO = 100;
const SNAPSHOTS = 3;
/** How long connections get to close, and streams to end, before memory is measured. */
const SETTLE_MS = 300;
/** What no answer may take, with room for a busy machine. */
const PATIENCE_MS = 20_000;

/**
 * Code that is compiled, and compiled again, is nine tenths of the noise: 100 to 300 kB a round, for a dozen rounds.
 * Snapshots are taken with it, since it is there in reality.
 */
const STEADY = ['--no-opt', '--no-sparkplug', '--no-flush-bytecode'];

const preload = fileURLToPath(new URL('preload.cjs', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    requests: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '4' },
    snapshots: { type: 'string' },
    fixed: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const requests = Number(values.requests);
const rounds = Number(values.rounds);
const flags = ['--expose-gc', ...(values.snapshots ? [] : STEADY)];

const chosen = [...leaking, ...healthy].filter(
  ({ name, kind }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(kind),
);
const unknown = positionals.filter((word) => !chosen.some(({ name, kind }) => [name, kind].includes(word)));
const troubles = [...unknown.map((word) => `no app is called "${word}"`), ...faults()];

console.log(`bytes a request in each round of ${requests}, after a warm-up of as many`);
for (const given of chosen) {
  const app = values.fixed && given.kind === 'leaking' ? fixed(given) : { ...given, remove() {} };
  try {
    const rates = await verify(app);
    const word = values.snapshots ? '' : judge(rates);
    const row = [app.kind, app.name.padEnd(34), (app.pattern ?? '').padEnd(16), word.padEnd(8)];
    console.log(row.join(' '), rates.map((rate) => String(Math.round(rate)).padStart(7)).join(''));
    if (word && word !== app.kind) troubles.push(`${app.kind}/${app.name} looks ${word}`);
  } catch (error) {
    console.log(app.kind, app.name, error);
    troubles.push(`${app.kind}/${app.name} failed`);
  } finally {
    app.remove();
  }
}
for (const trouble of troubles) console.log(`✗ ${trouble}`);
console.log(`${chosen.length} apps, ${troubles.length} not as they should be`);
process.exitCode = troubles.length > 0 ? 1 : 0;

/** What is wrong with the manifest itself. */
function faults() {
  const names = [...leaking, ...healthy].map(({ kind, name }) => `${kind}/${name}`);
  return [
    ...names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name} is listed twice`),
    ...leaking.filter(({ lines }) => lines.length === 0).map(({ name }) => `${name} marks no line`),
    ...PATTERNS.filter((pattern) => leaking.filter((app) => app.pattern === pattern).length < 2).map(
      (pattern) => `fewer than two leaking apps are for ${pattern}`,
    ),
  ];
}

/**
 * By the median of the last three rounds: one collection at a bad moment, or one function compiled late, is no
 * leak and hides none.
 *
 * @param {number[]} rates
 */
function judge(rates) {
  const last = rates.slice(-3).toSorted((a, b) => a - b);
  const middle = last[last.length >> 1];
  if (middle >= LEAKS_FROM) return 'leaking';
  return middle <= HEALTHY_UP_TO ? 'healthy' : 'unclear';
}

/**
 * @param {App} app
 * @returns {Promise<number[]>} bytes a request, by round
 */
async function verify(app) {
  const control = await listen();
  const child = spawn(
    process.execPath,
    [...flags, '-r', preload, ...(app.args ?? []), join(app.folder, app.entry)],
    {
      cwd: app.folder,
      env: { ...process.env, NODE_ENV: 'production', PORT: '0', VERIFIER_PORT: String(control.port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints = (complaints + text).slice(-4_000);
  });
  const exited = once(child, 'exit');
  try {
    const origin = await Promise.race([
      origins(child.stdout),
      exited.then(([code]) => Promise.reject(new Error(`it ended with ${code}:\n${complaints}`))),
    ]);
    const count = { sent: 0 };
    await load(app, origin, count);
    const used = [await settled(app, control)];
    for (let round = 1; round <= rounds; round++) {
      await load(app, origin, count);
      used.push(await settled(app, control));
      if (values.snapshots && round <= SNAPSHOTS) await control.snapshot(folderOf(app), round);
    }
    if (values.snapshots) control.nameSnapshots(folderOf(app));
    return used.slice(1).map((bytes, index) => (bytes - used[index]) / requests);
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${complaints}`);
  } finally {
    child.kill('SIGTERM');
    const late = setTimeout(() => {
      troubles.push(`${app.kind}/${app.name} does not end on SIGTERM`);
      child.kill('SIGKILL');
    }, 3_000);
    await exited;
    clearTimeout(late);
    control.close();
  }
}

/** @param {App} app */
function folderOf(app) {
  return resolve(/** @type {string} */ (values.snapshots), `${app.kind}-${app.name}`);
}

/** The first origin that the app says it listens on. */
async function origins(stdout) {
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const origin = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (origin) {
      // Nobody reads on, and a full pipe would stop the app.
      stdout.resume();
      return origin;
    }
  }
  return new Promise(() => {});
}

/**
 * One round: as many requests as asked for, over ten connections that are used again.
 *
 * @param {App} app
 * @param {string} origin
 * @param {{ sent: number }} count
 */
async function load(app, origin, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = count.sent + requests;
  const connection = async () => {
    while (count.sent < end) await send(app, origin, agent, count.sent++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
}

/**
 * @param {App} app
 * @param {string} origin
 * @param {Agent} agent
 * @param {number} n how many were sent before
 * @returns {Promise<void>}
 */
function send(app, origin, agent, n) {
  const path = app.urls[n % app.urls.length].replaceAll('{n}', String(n));
  const body = app.body?.replaceAll('{n}', String(n));
  const abort = app.abortRatio !== undefined && (n * app.abortRatio) % 1 < app.abortRatio;
  return new Promise((done, failed) => {
    const sent = request(
      `${origin}${path}`,
      { agent, method: app.method, headers: app.headers },
      (answer) => {
        const status = /** @type {number} */ (answer.statusCode);
        if (status !== app.status && status >= 400) failed(new Error(`${path}: ${status}`));
        answer.on('error', (error) => abort || failed(error));
        answer.on('close', () => done());
        answer.resume();
      },
    );
    sent.on('error', (error) => (abort ? done() : failed(new Error(`${path}: ${error.message}`))));
    sent.setTimeout(PATIENCE_MS, () => failed(new Error(`${path}: no answer`)));
    sent.end(body);
    if (abort) setTimeout(() => sent.destroy(), 5);
  });
}

/**
 * @param {App} app
 * @param {Awaited<ReturnType<typeof listen>>} control
 */
async function settled(app, control) {
  await delay(app.settle ?? SETTLE_MS);
  return control.measure();
}

/** Where the isolates of an app report: see preload.cjs. */
async function listen() {
  /** @type {{ name: string, ask(order: object): Promise<any>, sizes: number[] }[]} */
  const isolates = [];
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  const server = createServer(async (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const { value } = await answers.next();
    const { pid, thread } = JSON.parse(value);
    const isolate = {
      name: `${pid}-${thread}`,
      sizes: /** @type {number[]} */ ([]),
      async ask(/** @type {object} */ order) {
        socket.write(`${JSON.stringify(order)}\n`);
        const answer = await answers.next();
        if (answer.done) throw new Error('a process or thread of the app has ended');
        return JSON.parse(answer.value);
      },
    };
    isolates.push(isolate);
    socket.on('close', () => isolates.splice(isolates.indexOf(isolate), 1));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,

    /** Bytes in use in all isolates. */
    async measure() {
      let sum = 0;
      for (const isolate of isolates) {
        const { bytes } = await isolate.ask({});
        isolate.sizes.push(bytes);
        sum += bytes;
      }
      return sum;
    },

    /**
     * @param {string} folder
     * @param {number} round
     */
    async snapshot(folder, round) {
      mkdirSync(folder, { recursive: true });
      for (const { name, ask } of isolates) {
        await ask({ snapshot: join(folder, `${round}.${name}.heapsnapshot`) });
      }
    },

    /**
     * The isolate that grew most has the plain names; what others an app may have is not kept.
     *
     * @param {string} folder
     */
    nameSnapshots(folder) {
      const grown = isolates.toSorted((a, b) => growth(b.sizes) - growth(a.sizes));
      for (const [index, { name }] of grown.entries()) {
        for (let round = 1; round <= Math.min(SNAPSHOTS, rounds); round++) {
          const path = join(folder, `${round}.${name}.heapsnapshot`);
          if (index === 0) renameSync(path, join(folder, `${round}.heapsnapshot`));
          else rmSync(path, { force: true });
        }
      }
    },

    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** @param {number[]} sizes */
function growth(sizes) {
  return (sizes.at(-1) ?? 0) - sizes[0];
}
