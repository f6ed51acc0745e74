/**
 * `expectNoLeak`: the check for unit tests, in the process of the test. The same floors, the same judge and the same
 * snapshots as `plateau check`, with calls of a function in place of requests.
 */

import { AssertionError } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plateauError } from '../errors';
import type { HeapFinding } from '../heap/types';
import { readCallable, readCount, readDuration, readKnown, readName } from '../options';
import { settle } from './agent/collect';
import { originals } from './agent/originals';
import { Snapshots } from './agent/snapshot';
import { type Split, takeBounded } from './bounded';
import { readBudget } from './budget';
import { compareHeaps } from './engine';
import { type Budget, type Judgement, judge } from './judge';
import { mapFinding, placesOf, withPlace } from './places';
import { bytes, place } from './report/words';
import type { Point } from './statistics';

/** Options of {@link expectNoLeak}. */
export interface ExpectNoLeakOptions {
  /**
   * Calls that are measured. Up to three times as many are made when the first do not make it clear.
   * @defaultValue 1000; fewer, but at least 200, when those would take longer than about eight seconds
   */
  iterations?: number;
  /**
   * Calls before those: code is compiled, caches and pools fill.
   * @defaultValue a fifth of `iterations`, at least 50
   */
  warmup?: number;
  /**
   * Bytes that may stay of each call.
   * @defaultValue 32
   */
  budget?: number;
  /**
   * What is tested, for the message.
   * @defaultValue the function's name
   */
  name?: string;
  /**
   * How long all calls may take, in ms.
   * @defaultValue 60,000
   */
  timeout?: number;
}

/** The error of {@link expectNoLeak}: an `AssertionError` with what was found. */
export interface LeakError extends AssertionError {
  /** What stays of each call: in bytes, or a number of handles. */
  perIteration: number;
  /** What leaks, most bytes first. */
  findings: HeapFinding[];
}

/** Floors that are measured, when it goes well. */
const ROUNDS = 8;
/** Floors at most. */
const MOST_ROUNDS = 30;
/** How long the calls should take, in ms, when `iterations` is not given. */
const ENOUGH = 8000;
const [FEWEST, USUAL] = [200, 1000];
/** Growth of the heap in all that is noise, in bytes: a compiled function or two. */
const NOISE = 12 * 1024;
/** For how long growth has to last, in ms, and a rest between two of its rounds: some clean up by a timer. */
const [PATIENCE, REST] = [2500, 250];
/** Between two collections, in ms: there are no sockets to close, and a test is not to take long. */
const SHORT = 2;
/** Findings in the message. */
const MOST_FINDINGS = 3;
/** A finding is of a leak when it grew again after the second snapshot, by this share, and by this part of what is allowed. */
const [GROWS_ON, PART] = [0.2, 0.1];

type Signal = 'heap' | 'external' | 'handles';
type Signals = Record<Signal, Point[]>;
type Call = (iteration: number) => unknown;
/** Makes the next call. */
type Next = () => unknown;

/**
 * Calls a function again and again, and rejects when what stays in memory grows with the calls. Each call's promise is
 * awaited before the next. Collections are forced, with no flag of Node's needed. A cache that fills and has a bound, of
 * plateau's or of another package, is no leak.
 *
 * Takes one or two seconds with a quick function, and some more when it leaks: give the test more time than the five
 * seconds that Vitest and Jest allow it.
 *
 * What the function leaves behind on purpose has to be let go of in it: with `{ iterations: 1000 }` a cache is filled a
 * thousand times.
 *
 * @param fn is called with the number of the call, from 0
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT`, `PLATEAU_INVALID_OPTION`, RangeError `PLATEAU_OUT_OF_RANGE`
 * @throws AssertionError (a {@link LeakError}) when it leaks: the class, what holds it and the line are in its message
 * @throws Error `PLATEAU_UNCLEAR` when the memory goes up and down too much to tell; and whatever `fn` throws
 *
 * @example
 * test('subscribing and unsubscribing leaves nothing', async () => {
 *   await expectNoLeak(async () => {
 *     const feed = await subscribe();
 *     await feed.close();
 *   });
 * });
 */
export async function expectNoLeak(fn: Call, options: ExpectNoLeakOptions = {}): Promise<void> {
  readCallable('fn', fn);
  const settings = readSettings(fn, options);
  const deadline = performance.now() + settings.timeout;
  let number = 0;
  // Never the same number again: what is kept by it would not grow.
  const next = (): unknown => fn(number++);
  const size = await warmUp(next, settings, deadline);
  const signals: Signals = { heap: [], external: [], handles: [] };
  const began = performance.now();
  let iterations = 0;
  await measure(signals, iterations);
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    await call(next, size, settings, deadline);
    iterations += size;
    await measure(signals, iterations);
    if (round < ROUNDS) continue;
    const judged = judgeAll(signals, settings.budget);
    const growing = judged.find(([, { course }]) => course === 'growing');
    if (growing !== undefined) {
      if (performance.now() - began > PATIENCE) {
        const evidence = await findLeak(next, settings, size, deadline);
        if (isNoLeak(growing[0], evidence)) return;
        throw leakError(settings, growing, evidence);
      }
      await sleep(REST);
    }
    if (judged.every(([, { course }]) => course === 'level')) return;
  }
  const unclear = judgeAll(signals, settings.budget).filter(([, { course }]) => course !== 'level');
  const [signal, { reason, low, high }] = unclear[0] as [Signal, Judgement];
  if (unclear.length === 1 && signal === 'heap') {
    if (isNoLeak(signal, await findLeak(next, settings, size, deadline))) return;
  }
  const range = `from ${low.toFixed(1)} to ${high.toFixed(1)} per call`;
  throw plateauError(
    'PLATEAU_UNCLEAR',
    `it cannot be told whether ${settings.name} leaks: of the ${signal}, ${reason} (${range}); give more iterations`,
  );
}

type Settings = Required<Omit<ExpectNoLeakOptions, 'iterations' | 'warmup'>> &
  Pick<ExpectNoLeakOptions, 'iterations' | 'warmup'>;

function readSettings(fn: Call, given: ExpectNoLeakOptions): Settings {
  const names = ['iterations', 'warmup', 'budget', 'name', 'timeout'] as const;
  const { iterations, warmup, budget = 32, name, timeout = 60_000 } = readKnown(given, names);
  return {
    ...(iterations === undefined ? {} : { iterations: readCount('iterations', iterations) }),
    ...(warmup === undefined ? {} : { warmup: readCount('warmup', warmup) }),
    budget: readBudget('budget', budget),
    name: readName(name) ?? (fn.name || 'the function'),
    timeout: readDuration('timeout', timeout),
  };
}

/** Resolves to how many calls are made between two floors. */
async function warmUp(next: Next, settings: Settings, deadline: number): Promise<number> {
  const { iterations, warmup = Math.max(50, Math.ceil((iterations ?? USUAL) / 5)) } = settings;
  const began = performance.now();
  // No more of them than a quarter of the time allows: the pace is not known yet.
  const end = iterations === undefined ? began + ENOUGH / 4 : Number.POSITIVE_INFINITY;
  let calls = 0;
  for (; calls < warmup && (calls < 20 || performance.now() < end); calls++) await next();
  refuseLate(settings, deadline);
  const each = (performance.now() - began) / calls;
  const total = iterations ?? Math.max(FEWEST, Math.min(USUAL, ENOUGH / each));
  return Math.max(1, Math.ceil(total / ROUNDS));
}

async function call(next: Next, count: number, settings: Settings, deadline: number): Promise<void> {
  for (let i = 0; i < count; i++) await next();
  refuseLate(settings, deadline);
}

function refuseLate({ name, timeout }: Settings, deadline: number): void {
  if (performance.now() < deadline) return;
  throw plateauError(
    'PLATEAU_UNCLEAR',
    `the calls of ${name} took longer than the timeout of ${timeout / 1000} s`,
  );
}

async function measure(signals: Signals, requests: number): Promise<void> {
  signals.heap.push({ requests, value: await settle(SHORT) });
  signals.external.push({ requests, value: process.memoryUsage().external });
  signals.handles.push({ requests, value: process.getActiveResourcesInfo().length });
}

function judgeAll(signals: Signals, budget: number): Array<[Signal, Judgement]> {
  const budgets: Record<Signal, Budget> = {
    heap: { perRequest: budget, least: NOISE },
    external: { perRequest: budget, least: NOISE },
    handles: { perRequest: 0.01, least: 5 },
  };
  return (Object.keys(signals) as Signal[]).map((name) => [name, judge(signals[name], budgets[name])]);
}

/** What three snapshots say. */
interface Evidence {
  /** Most bytes first, and what grew on before what did not. */
  findings: HeapFinding[];
  /** Whether one of them grew on. */
  growsOn: boolean;
  /** Whether something else grew within a bound. */
  fills: boolean;
  /** Why there are no snapshots. */
  trouble: string | undefined;
}

/**
 * Whether what grows is V8's own, or a cache's that has a bound. V8 goes on for thousands of calls with what it notes of
 * the code that is called, and code of frameworks is a lot: a hundred bytes per call, with not one object of the
 * program's that stays.
 */
function isNoLeak(signal: Signal, { growsOn, fills, trouble }: Evidence): boolean {
  const inBytes = signal === 'heap' || (signal === 'external' && fills);
  return inBytes && !growsOn && trouble === undefined;
}

function leakError(
  settings: Settings,
  [signal, judgement]: [Signal, Judgement],
  { findings, trouble }: Evidence,
): LeakError {
  const { slope, low, high } = judgement;
  const figure = (value: number): string => (signal === 'handles' ? value.toFixed(2) : bytes(value));
  const what = { heap: ' of JavaScript objects', external: ' of buffers', handles: ' handles' }[signal];
  const allowed = signal === 'handles' ? '' : `; ${bytes(settings.budget)} allowed`;
  const head = `${settings.name} leaks: ${figure(slope)}${what} of each call stay (95 %: ${figure(low)} to ${figure(high)}${allowed})`;
  const tail = trouble === undefined ? '' : `\n\nWhat it is could not be found out: ${trouble}`;
  const error = new AssertionError({
    message: `${head}${findings.slice(0, MOST_FINDINGS).map(describe).join('')}${tail}`,
    stackStartFn: expectNoLeak,
  });
  return Object.assign(error, { perIteration: slope, findings });
}

async function findLeak(next: Next, settings: Settings, size: number, deadline: number): Promise<Evidence> {
  // A few more calls per snapshot than per floor: what leaks has to stand out.
  const count = Math.max(size, 100);
  try {
    const { findings: found, filling } = await compareSnapshots(next, count, settings, deadline);
    const least = count * settings.budget * PART;
    const growsOn = ({ bytes, newBytes }: HeapFinding): boolean =>
      newBytes >= bytes * GROWS_ON && newBytes >= least;
    const [leaks, others] = [found.filter(growsOn), found.filter((finding) => !growsOn(finding))];
    return {
      findings: [...leaks, ...others],
      growsOn: leaks.length > 0,
      fills: filling.length > 0,
      trouble: undefined,
    };
  } catch (error) {
    return { findings: [], growsOn: false, fills: false, trouble: (error as Error).message };
  }
}

async function compareSnapshots(
  next: Next,
  count: number,
  settings: Settings,
  deadline: number,
): Promise<Split> {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-test-'));
  const snapshots = new Snapshots();
  try {
    const files = [1, 2, 3].map((number) => join(folder, `${number}.heapsnapshot`));
    for (const [i, file] of files.entries()) {
      if (i > 0) await call(next, count, settings, deadline);
      await settle(SHORT);
      await snapshots.write(file);
      if (i === 0) await snapshots.startSampling();
    }
    const allocations = originals(await snapshots.stopSampling());
    const { findings } = await compareHeaps(files, { sources: true, roots: [process.cwd()] });
    const split = await takeBounded(
      findings,
      (ids) => snapshots.bounds(ids),
      async () => {
        const before = await settle(SHORT);
        await call(next, count, settings, deadline);
        return { share: 1, level: (await settle(SHORT)) - before <= NOISE };
      },
    );
    split.findings = split.findings
      .map((finding) => mapFinding(finding, originals(placesOf(finding))))
      .map((finding) => withPlace(finding, allocations));
    return split;
  } finally {
    snapshots.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe(finding: HeapFinding): string {
  const { title, pattern, path, fix, place: where } = finding;
  const at = where === undefined ? '' : `\n  at ${place(where)}`;
  return `\n\n${title} (${pattern})${at}\n  held by ${path}\n  ${fix}`;
}
