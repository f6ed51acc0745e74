/** What comes before the rounds: the app is warmed up, and it is found out how many requests a round is to have. */

import type { Control, Isolate } from './control';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import type { Asks } from './protocol';
import { Series } from './series';
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
/**
 * From so many bytes per request on, a round grows by no more than this, if it has a few requests: collections and snapshots
 * of a heap that grows by a hundred megabytes a round would take all the time there is.
 */
const [HUGE, HUGE_ROUND, LEAST_HUGE] = [200 * 1024, 20 * 2 ** 20, 40];
/** Warm-up: fewest rounds, most rounds, and the share of a round's requests that each has. */
const [FEWEST_WARM, MOST_WARM, WARM_SHARE] = [3, 8, 0.25];
const LEAST_WARM = 500;
/** As soon as a round of it grows by this share of what the one before grew by, growth no longer decays. */
const SETTLED = 0.7;

/** As many times the requests of a round are sent in all, about: none of them may run out of descriptors. */
const ROUNDS_IN_ALL = 40;
/** Descriptors per request from which on they are counted on to grow. */
const LEAKS_DESCRIPTORS = 0.02;

/** Warms the app up; resolves to its isolates, and to how many requests a round is to have. */
export async function warmUp(
  settings: CheckSettings,
  control: Control,
  load: Load,
  signal: AbortSignal,
): Promise<{ series: Series[]; size: number }> {
  const most = await pace(settings, control, load, signal);
  // Never more than what was found to be safe.
  const warm = Math.min(most, Math.max(LEAST_WARM, Math.round(most * WARM_SHARE)));
  const [series, growth] = await settleDown(settings, control, load, warm, signal);
  const fitting = Math.round(GROWTH / Math.max(1, growth));
  // Each of the targets as often as the others.
  const turn = load.targets.length;
  const size = Math.min(most, Math.max(LEAST, fitting));
  return { series, size: settings.requests ?? Math.ceil(size / turn) * turn };
}

/** How many requests the app answers in the time of a round. */
async function pace(
  settings: CheckSettings,
  control: Control,
  load: Load,
  signal: AbortSignal,
): Promise<number> {
  settings.onProgress({ phase: 'warming up', text: `asking for ${load.targets.slice(0, 3).join(', ')}` });
  // Twice: the first time code is compiled, the second is nearer to its pace.
  let [perSecond, fitting] = [1, MOST];
  let before: Floors | undefined;
  // One each first: what answers nothing, or never ends, is not to be waited for sixty times.
  const { connections } = settings;
  await load.run(connections, signal);
  if (load.counts.failed >= connections) refuseFailures(load, settings, connections, 1);
  for (const count of [FIRST, 2 * FIRST]) {
    const began = performance.now();
    await load.run(count, signal);
    perSecond = count / ((performance.now() - began) / 1000);
    refuseFailures(load, settings, count);
    const now = await floorsOf(control);
    for (const [isolate, floor] of now) {
      const last = before?.get(isolate) ?? floor;
      const { descriptors, descriptorLimit } = floor;
      const rate = (descriptors - last.descriptors) / count;
      if (rate >= LEAKS_DESCRIPTORS) {
        fitting = Math.min(fitting, Math.floor((descriptorLimit - descriptors) / rate / ROUNDS_IN_ALL));
      }
      const bytes = (floor.heap + floor.external - last.heap - last.external) / count;
      if (bytes >= HUGE) fitting = Math.min(fitting, Math.max(LEAST_HUGE, HUGE_ROUND / bytes));
    }
    before = now;
  }
  if (settings.requests !== undefined) return settings.requests;
  const most = Math.max(20, Math.min(MOST, perSecond * LONGEST));
  const count = Math.max(LEAST, Math.min(MOST, perSecond * ROUND_SECONDS * 2));
  return Math.max(10, Math.round(Math.min(count, most, fitting)));
}

/** Loads the app until the growth of a round no longer decays quickly; also resolves to that growth, per request. */
async function settleDown(
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

function newSeries(isolate: Isolate, settings: CheckSettings, control: Control): Series {
  const { pid } = isolate.hello;
  const workers = (): boolean => [...control.isolates].filter(({ hello }) => hello.pid === pid).length > 1;
  return new Series(isolate, settings.maxGrowth, workers);
}

type Floors = Map<Isolate, Asks['floor']['answer']>;

async function floorsOf(control: Control): Promise<Floors> {
  const isolates = judgedIsolates(control.isolates);
  const floors = await Promise.all(isolates.map((isolate) => isolate.ask('floor')));
  return new Map(isolates.map((isolate, i) => [isolate, floors[i] as Asks['floor']['answer']]));
}

/** Measures all isolates at once. */
export async function measureAll(series: readonly Series[], load: Load): Promise<void> {
  const gone = series.find(({ isolate }) => isolate.gone);
  if (gone !== undefined) throw new CheckFailure(`${gone.name} ended under load`);
  await Promise.all(series.map((each) => each.measure(load.counts.sent)));
}

/** Fails when more requests went wrong than may. */
export function refuseFailures(load: Load, { maxErrors }: CheckSettings, size: number, least = 10): void {
  const { sent, failed, statuses, failure } = load.counts;
  const errors = Object.entries(statuses).filter(([status]) => status >= '500');
  const wrong = failed + errors.reduce((sum, [, count]) => sum + count, 0);
  if (wrong <= maxErrors * sent || wrong < Math.min(least, size * maxErrors)) return;
  const why = failure ?? errors.map(([status, count]) => `${count} × ${status}`).join(', ');
  throw new CheckFailure(
    `${wrong} of ${sent} requests failed (${why}); --max-errors allows ${Number((maxErrors * 100).toFixed(2))} %`,
  );
}
