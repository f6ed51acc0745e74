/** Starts a program in a process of its own, puts its traffic on it and gathers what its contender says. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadProgram } from './program.mjs';
import { sendTraffic } from './traffic.mjs';

const HOST = fileURLToPath(new URL('./host.mjs', import.meta.url));
const STARTUP = 30_000;
const FAREWELL = 10_000;

/**
 * @param {{ program: string, contender: string, seconds: number }} task
 * @returns {Promise<{ messages: { after: number, message: any }[], final: any, requests: number, failures: number, seconds: number }>}
 *   `after`: seconds since the load began
 */
export async function drive({ program: id, contender, seconds }) {
  const program = await loadProgram(id);
  const execArgv = contender === 'mann-kendall' ? ['--expose-gc'] : [];
  const host = fork(HOST, [JSON.stringify({ program: id, contender })], { execArgv });
  const died = new Promise((_, reject) => {
    host.once('exit', (code, signal) => reject(new Error(`${id} ended with ${signal ?? `code ${code}`}`)));
  });
  died.catch(() => {});
  const stop = new AbortController();
  try {
    const port = await Promise.race([messageOf(host, 'port', STARTUP), died]);
    const start = performance.now();
    const messages = [];
    host.on('message', (message) => {
      messages.push({ after: (performance.now() - start) / 1000, message });
    });
    const load = sendTraffic({
      url: `http://127.0.0.1:${port}`,
      seconds,
      traffic: program.traffic ?? {},
      signal: stop.signal,
    });
    const { requests, failures } = await Promise.race([load, died]);
    const took = (performance.now() - start) / 1000;
    const final = messageOf(host, 'final', FAREWELL);
    host.send('finish');
    return { messages, final: await final, requests, failures, seconds: took };
  } finally {
    stop.abort();
    host.kill('SIGKILL');
  }
}

/** The next message that carries `field`. */
function messageOf(host, field, patience) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${field} within ${patience / 1000} s`)), patience);
    const listener = (message) => {
      if (!(field in message)) return;
      clearTimeout(timer);
      host.off('message', listener);
      resolve(message[field]);
    };
    host.on('message', listener);
  });
}
