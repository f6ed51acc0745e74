/** Warm-up, and rounds of equal load with a floor after each, until it is clear what the floors do. */

import type { Control } from './control';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import { Series, SIGNALS } from './series';
import { judgedIsolates } from './targets';

/** The first requests, before the app's pace is known. */
const FIRST = 60;
/** A round takes about this long, in seconds, within these numbers of requests: enough of them to see 50 bytes of each. */
const ROUND_SECONDS = 1.2;
const [LEAST, MOST] = [200, 4000];
/** A slow app's rounds are no longer than this, in seconds. */
const LONGEST = 6;
/** A round is to grow by no more than this, in bytes: of a large leak few requests say enough, and a small heap is read soon. */
const GROWTH = 2 * 2 ** 20;
/** Warm-up: fewest rounds, most rounds, and the share of a round's requests that each has. */
const [FEWEST_WARM, MOST_WARM, WARM_SHARE] = [3, 8, 0.25];
const LEAST_WARM = 500;
/** As soon as a round of it grows by this share of what the one before grew by, growth no longer decays. */
const SETTLED = 0.7;

/** The rounds of a check. */
export interface Rounds {
  series: Series[];
  /** Requests per round. */
  size: number;
  /** Rounds done. */
  done: number;
  /** What to tell of it. */
  notes: string[];
}

/**
 * Runs rounds until all isolates are judged, or there are enough of them. Whenever one grows, `confirm` is asked: when it
 * says no, rounds begin anew.
 */
export async function checkRounds(
  settings: CheckSettings,
  control: Control,
  load: Load,
  signal: AbortSignal,
  confirm: (rounds: Rounds) => Promise<boolean>,
): Promise<Rounds> {
  const most = await pace(settings, load, signal);
  const warm = Math.min(most, Math.max(LEAST_WARM, Math.round(most * WARM_SHARE)));
  const [series, growth] = await warmUp(settings, control, load, warm, signal);
  const fitting = Math.round(GROWTH / Math.max(1, growth));
  // Each of the targets as often as the others.
  const turn = load.targets.length;
  const size = settings.requests ?? Math.ceil(Math.min(most, Math.max(LEAST, fitting)) / turn) * turn;
  const rounds: Rounds = { series, size, done: 0, notes: [] };
  const { maxRounds, onProgress } = settings;
  let [least, refused] = [settings.rounds, 0];
  for (let round = 1; round <= maxRounds; round++) {
    onProgress({ phase: 'measuring', round, text: describe(rounds) });
    await load.run(size, signal);
    rounds.done = round;
    refuseFailures(load, settings, size);
    await measureAll(series, load);
    if (round < least) continue;
    const verdicts = series.map((each) => each.verdict);
    if (verdicts.includes('leak')) {
      if (await confirm(rounds)) return rounds;
      // What was let go of in the end: how long that takes is known now, and it may grow to its level once more.
      if (++refused > 2) throw new CheckFailure('what it keeps grows, and is let go of again and again');
      for (const each of series) each.restart();
      await measureAll(series, load);
      least = Math.min(maxRounds, round + settings.rounds);
    } else if (verdicts.every((verdict) => verdict === 'healthy')) return rounds;
  }
  throw new CheckFailure(`the floors are not clear after ${maxRounds} rounds: ${doubts(series)}`);
}

/** Measures all isolates at once. */
export async function measureAll(series: readonly Series[], load: Load): Promise<void> {
  const gone = series.find(({ isolate }) => isolate.gone);
  if (gone !== undefined) throw new CheckFailure(`${gone.name} ended under load`);
  await Promise.all(series.map((each) => each.measure(load.counts.sent)));
}

/** How many requests the app answers in the time of a round. */
async function pace(settings: CheckSettings, load: Load, signal: AbortSignal): Promise<number> {
  settings.onProgress({ phase: 'warming up', text: `asking for ${load.targets.slice(0, 3).join(', ')}` });
  // Twice: the first time code is compiled, the second is nearer to its pace.
  let [began, perSecond] = [0, 1];
  for (const count of [FIRST, 2 * FIRST]) {
    began = performance.now();
    await load.run(count, signal);
    perSecond = count / ((performance.now() - began) / 1000);
    refuseFailures(load, settings, count);
  }
  if (settings.requests !== undefined) return settings.requests;
  const most = Math.max(20, Math.min(MOST, perSecond * LONGEST));
  const count = Math.max(LEAST, Math.min(MOST, perSecond * ROUND_SECONDS * 2));
  return Math.round(Math.min(count, most));
}

/** Loads the app until the growth of a round no longer decays quickly; also resolves to that growth, per request. */
async function warmUp(
  settings: CheckSettings,
  control: Control,
  load: Load,
  size: number,
  signal: AbortSignal,
): Promise<[Series[], number]> {
  let growths: number[] = [];
  let series: Series[] = [];
  for (let round = 1; round <= MOST_WARM; round++) {
    settings.onProgress({ phase: 'warming up', text: `${load.counts.sent} requests` });
    await load.run(size, signal);
    refuseFailures(load, settings, size);
    // Anew each time: workers may have been started only now.
    const isolates = judgedIsolates(control.isolates);
    const known = series.filter(({ isolate }) => isolates.includes(isolate));
    const added = isolates.filter((isolate) => !series.some((each) => each.isolate === isolate));
    series = [...known, ...added.map((isolate) => newSeries(isolate, settings, control))];
    await measureAll(series, load);
    const before = growths;
    growths = series.map(
      ({ floors }) => (floors.at(-1)?.heap ?? 0) - (floors.at(-2)?.heap ?? Number.POSITIVE_INFINITY),
    );
    const settled = growths.every(
      (growth, i) => growth <= settings.maxGrowth * size || growth >= SETTLED * (before[i] ?? Infinity),
    );
    if (round > FEWEST_WARM && settled) break;
  }
  if (series.length === 0) throw new CheckFailure('no process of the app runs Node with the agent');
  for (const each of series) {
    const last = each.floors.at(-1);
    each.restart();
    if (last !== undefined) await each.measure(load.counts.sent);
  }
  return [series, Math.max(...growths) / size];
}

function newSeries(
  isolate: Control['isolates'] extends Set<infer I> ? I : never,
  settings: CheckSettings,
  control: Control,
): Series {
  const { pid } = isolate.hello;
  const workers = (): boolean => [...control.isolates].filter(({ hello }) => hello.pid === pid).length > 1;
  return new Series(isolate, settings.maxGrowth, workers);
}

/** Fails when more requests went wrong than may. */
function refuseFailures(load: Load, { maxErrors }: CheckSettings, size: number): void {
  const { sent, failed, statuses, failure } = load.counts;
  const errors = Object.entries(statuses).filter(([status]) => status >= '500');
  const wrong = failed + errors.reduce((sum, [, count]) => sum + count, 0);
  if (wrong <= maxErrors * sent || wrong < Math.min(10, size * maxErrors)) return;
  const why = failure ?? errors.map(([status, count]) => `${count} × ${status}`).join(', ');
  throw new CheckFailure(
    `${wrong} of ${sent} requests failed (${why}); --max-errors allows ${maxErrors * 100} %`,
  );
}

function doubts(series: readonly Series[]): string {
  const all = series.flatMap((each) =>
    SIGNALS.map((signal) => ({ signal, ...each.judge(signal) })).filter(
      ({ course, signal }) => course !== 'level' && (signal === 'heap' || signal === 'external'),
    ),
  );
  const [worst] = all.sort((a, b) => b.slope - a.slope);
  if (worst === undefined) return 'they differ';
  const { signal, reason, slope, low, high } = worst;
  return `${signal}: ${reason} (${slope.toFixed(0)} bytes per request, from ${low.toFixed(0)} to ${high.toFixed(0)})`;
}

function describe({ series, size }: Rounds): string {
  const [worst] = series
    .filter(({ floors }) => floors.length > 2)
    .map((each) => each.judge('heap').slope)
    .sort((a, b) => b - a);
  return `${size} requests${worst === undefined ? '' : `; heap ${worst >= 0 ? '+' : ''}${worst.toFixed(0)} B per request`}`;
}
