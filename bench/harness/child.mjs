/** What the measured processes share: reading their task, handing back their sample, clocks and memory. */

import { openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Marks the line that carries the sample, whatever else a contender prints. */
export const SAMPLE_PREFIX = '@sample ';
/** The variable that says that contenders take turns. */
export const TURNS = 'PLATEAU_BENCH_TURNS';

/**
 * Runs the measurement of this process with the task its parent passed, and reports what it returns.
 *
 * @param {(task: any) => unknown} measure
 */
export async function runChild(measure) {
  const sample = await measure(JSON.parse(process.argv[2]));
  writeSync(1, `\n${SAMPLE_PREFIX}${JSON.stringify(sample)}\n`);
  // At once: a contender's timers may keep the process alive.
  process.exit(0);
}

/** Written when this process waits for its turn. */
export const TURN_LINE = '@turn';

/**
 * Waits until the others have had their turns, where the suite asks for that (`turns`): all contenders then live at the
 * same time, and one of them works. Resolves at once elsewhere.
 */
export async function myTurn() {
  if (process.env[TURNS] === undefined) return;
  writeSync(1, `${TURN_LINE}\n`);
  process.stdin.resume();
  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
    // Without a parent nobody waits for what would be measured.
    process.stdin.once('end', () => process.exit(1));
  });
  process.stdin.removeAllListeners('end').pause();
}

/** Milliseconds of CPU time the main thread has used, or undefined where the system does not tell. */
export function mainThreadCpu() {
  return schedule()?.[0];
}

/**
 * Milliseconds on the clock, less those in which the main thread was ready but another process had the CPU (on
 * Linux; elsewhere the plain clock). What the thread waits for by itself, as for helpers of the garbage
 * collector, counts.
 */
export function undisturbedNow() {
  return performance.now() - (schedule()?.[1] ?? 0);
}

/** The file of the main thread's scheduling figures, kept open: it is read often. */
const scheduleFile = openSchedule();
const scheduleBytes = Buffer.alloc(96);

/** Milliseconds the main thread has run, and waited for a CPU. */
function schedule() {
  if (scheduleFile === undefined) return undefined;
  const length = readSync(scheduleFile, scheduleBytes, 0, scheduleBytes.length, 0);
  const text = scheduleBytes.toString('latin1', 0, length);
  return text.split(' ', 2).map((nanoseconds) => Number(nanoseconds) / 1e6);
}

function openSchedule() {
  try {
    return openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return undefined;
  }
}

/** Milliseconds of CPU time all threads have used. */
export function processCpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Bytes by which two collections may differ and still count as the same. */
const STEADY = 256;
/** The most collections to try; one of a large heap takes a tenth of a second. */
const COLLECTIONS = 12;

/**
 * Bytes in use once garbage is gone and background work has come to rest. Collects until it changes nothing: V8
 * drops code that has not run for a while only after several collections. Needs `--expose-gc`.
 */
export async function settledMemory(pause = 50, collections = COLLECTIONS) {
  let previous = Infinity;
  let steady = 0;
  for (let i = 0; i < collections && steady < 3; i++) {
    await sleep(pause);
    collect();
    const { heapUsed } = process.memoryUsage();
    steady = Math.abs(heapUsed - previous) <= STEADY ? steady + 1 : 0;
    previous = heapUsed;
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  // `external` counts array buffers already.
  return { heap: heapUsed, total: heapUsed + external, rss };
}

/** A full collection. */
export function collect() {
  if (globalThis.gc === undefined) throw new Error('start with --expose-gc');
  globalThis.gc();
}
