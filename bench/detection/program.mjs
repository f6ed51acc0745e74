/** The programs: what their files export, and how one is found and started. */

import { readdirSync } from 'node:fs';
import { createServer, Server } from 'node:http';

/**
 * What a program's file exports. It knows nothing of being measured.
 *
 * @typedef {object} Program
 * @property {string} why What leaks, or why it looks as if something did.
 * @property {() => any} app Makes the app: a request listener, an Express or Fastify app, or a server.
 * @property {Place} [place] Of a leak.
 * @property {Place[]} [alsoRight] Where the same leak shows as well.
 * @property {number} [perRequest] What a request leaks where that is known: bytes, or descriptors or handles.
 * @property {number} [seconds] How long it takes to show, when that is longer than usual.
 * @property {import('./traffic.mjs').Traffic} [traffic]
 */

/** @typedef {'heap' | 'external' | 'native' | 'descriptors' | 'handles'} Place */

export const KINDS = ['leaking', 'healthy'];

/** The ids of all programs, such as `leaking/map-cache`. */
export function programIds() {
  return KINDS.flatMap((kind) =>
    readdirSync(new URL(`./programs/${kind}/`, import.meta.url))
      .filter((name) => name.endsWith('.mjs'))
      .sort()
      .map((name) => `${kind}/${name.replace(/\.mjs$/, '')}`),
  );
}

/** @returns {Promise<Program>} */
export function loadProgram(id) {
  return import(`./programs/${id}.mjs`);
}

/**
 * Starts the app on a free loopback port.
 *
 * @param {Program} program
 * @returns {Promise<number>} the port
 */
export async function listen(program) {
  const app = await program.app();
  const server = await serverOf(app);
  await new Promise(
    (resolve) => void server.listen({ port: 0, host: '127.0.0.1' }, () => resolve(undefined)),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the program has no port');
  return address.port;
}

async function serverOf(app) {
  if (app instanceof Server) return app;
  if (typeof app === 'function') return createServer(app);
  // Fastify
  await app.ready();
  return app.server;
}
