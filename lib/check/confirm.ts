/**
 * Makes sure that what grows is kept, and looks for what it is: loads the app twice more with a snapshot before, between
 * and after, and waits before the last. A time to live has run out by then, and what was let go of is in no finding.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, type Evidence, noEvidence, tryTo } from './evidence';
import { explain } from './explain';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { Series } from './series';
import type { Floor, Signal } from './types';

/** Of what is expected to be kept of all requests since, as much has to be. */
const KEPT = 0.45;
/** Requests that a leak has to have gone on for, and a share more of those that the rounds had. */
const [LEAST_INSISTENCE, INSISTENCE] = [20_000, 2];
/** Unless it has grown by so much meanwhile, in bytes: nobody's memory is to run out. */
const MOST_GROWTH = 160 * 2 ** 20;
/** How long the load between two snapshots goes on, in ms, unless a round is done before. */
const BETWEEN = 4000;
/** How long listeners are observed, in ms. */
const LISTENING = 1500;
/** Looks at the clock, per number of requests wanted: connections are new after each. */
const LOOKS = 8;
/** Time that is left for the end, in ms: comparing, and ending the app. */
const RESERVE = 15_000;
/** Bytes of a heap that V8 writes into a snapshot per second, once it is a few hundred megabytes. */
const SNAPSHOT_PACE = 6 * 2 ** 20;
/** Timers shorter than this, in ms, are over by themselves. */
const SHORT = 500;
/** Requests sent after the wait: some caches look for what has expired only when they are used. */
const SWEEP = 40;

export async function confirm(context: Context): Promise<Evidence> {
  const { settings, load, rounds, signal } = context;
  const culprit = worstOf(rounds.series);
  const growing = culprit.growing as Signal;
  const evidence: Evidence = { ...noEvidence(), culprit, signal: growing };
  const { slope } = culprit.judge(growing);
  const files = areDear(context, culprit, evidence.notes) ? [] : snapshotFiles(context, culprit);
  const taken: string[] = [];
  settings.onProgress({ phase: 'confirming', text: `${growing} of ${culprit.name} grows: making sure` });
  // Collected first, so that the snapshot has little but what is kept.
  const look = async (at: number): Promise<Floor> => {
    const floor = await culprit.peek(load.counts.sent);
    const file = files[at];
    if (file === undefined) return floor;
    settings.onProgress({ phase: 'confirming', text: `snapshot ${at + 1} of 3` });
    await tryTo(evidence.notes, 'no snapshot', async () => {
      await culprit.isolate.ask('snapshot', file);
      taken.push(file);
    });
    return floor;
  };
  let first = await look(0);
  // Since V8 14 a snapshot releases some 200 kB that were in use.
  if (taken.length > 0) first = await culprit.peek(load.counts.sent);
  const sampling = await tryTo(evidence.notes, 'no allocations', () => culprit.isolate.ask('sample'));
  const count = await loadFor(BETWEEN, rounds.size, load, signal);
  const second = await look(1);
  await load.run(count, signal);
  await waitForTimers(context, culprit);
  await load.run(Math.min(SWEEP, rounds.size), signal);
  await look(2);
  if (sampling) evidence.allocations = await culprit.isolate.ask('sampled').catch(() => []);
  await insist(context, culprit, growing);
  const last = await culprit.peek(load.counts.sent);
  const { budget } = culprit.report().signals[growing];
  evidence.settled = { requests: last.requests, value: last[growing], budget };
  evidence.confirmed = last[growing] - first[growing] >= KEPT * slope * (last.requests - first.requests);
  if (!evidence.confirmed) {
    const kept = (last[growing] - first[growing]) / Math.max(1, last.requests - first.requests);
    const share = `${kept.toFixed(1)} more per request, after ${slope.toFixed(1)}`;
    rounds.notes.push(`what grew does not grow on (${growing} of ${culprit.name}: ${share})`);
    // Of nothing; there may be others, which are worth their place on the disk.
    for (const file of taken) rmSync(file, { force: true });
    return evidence;
  }
  await tryTo(evidence.notes, 'listeners and handles are not observed', async () => {
    // After the snapshots, in which the ledger would be seen.
    settings.onProgress({ phase: 'confirming', text: 'looking who adds listeners and opens handles' });
    await culprit.isolate.ask('observe');
    await loadFor(LISTENING, rounds.size, load, signal);
    await culprit.peek(load.counts.sent);
    Object.assign(evidence, await culprit.isolate.ask('growth'));
  });
  if (taken.length === 3) {
    await explain(context, evidence, taken, Math.max(1, second.requests - first.requests));
  }
  return evidence;
}

/** Loads the app until the time is up, or as many requests are sent; resolves to how many were. */
async function loadFor(ms: number, most: number, load: Load, signal: AbortSignal): Promise<number> {
  const end = performance.now() + ms;
  const step = Math.max(1, Math.floor(Math.min(most, 1000, Math.max(50, most / LOOKS))));
  let sent = 0;
  for (; sent < most && performance.now() < end; sent += step) await load.run(step, signal);
  return sent;
}

/** Whether three snapshots would take more than half of the time that is left: then the lines of allocations have to do. */
function areDear({ settings, left }: Context, { floors }: Series, notes: string[]): boolean {
  const heap = floors.at(-1)?.heap ?? 0;
  const ms = (3000 * heap) / SNAPSHOT_PACE;
  if (!settings.snapshots || ms <= left / 2) return false;
  const [size, long, rest] = [heap / 2 ** 20, ms / 1000, left / 1000].map(Math.round);
  notes.push(
    `no snapshots: three of a heap of ${size} MiB take about ${long} s, and ${rest} s are left (--timeout)`,
  );
  return true;
}

/** Where snapshots go: to the folder that is removed at the end, or to the user's. */
function snapshotFiles({ settings, control }: Context, culprit: Series): string[] {
  if (!settings.snapshots) return [];
  let folder = control.folder;
  if (settings.keepSnapshots !== undefined) {
    folder = resolve(settings.cwd, settings.keepSnapshots);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new CheckFailure(`--keep-snapshots ${settings.keepSnapshots}: ${(error as Error).message}`);
    }
  }
  const { pid, thread } = culprit.isolate.hello;
  const stamp = `${pid}-${thread}-${Date.now().toString(36)}`;
  return [1, 2, 3].map((number) => join(folder, `${stamp}-${number}.heapsnapshot`));
}

/** Until what timers let go of has been let go of. */
async function waitForTimers({ settings, signal, left }: Context, { longestTimer }: Series): Promise<void> {
  // A sweep by a timer takes what has expired before it: its period, and a little.
  const own = longestTimer * 1.1 + 500;
  const ms = Math.min(own, left / 3);
  if (longestTimer < SHORT || own > 2 * settings.patience) return;
  settings.onProgress({ phase: 'confirming', text: `waiting ${Math.ceil(ms / 1000)} s for what expires` });
  await sleep(ms, undefined, { signal });
}

/**
 * Goes on with the load, without floors in between, until what grows has had the requests to stop: a bounded cache is full
 * then. And waits, until all of these requests are as long ago as something has to be kept to count: a time to live is over.
 */
async function insist(context: Context, culprit: Series, growing: Signal): Promise<void> {
  const { settings, load, rounds, signal, left } = context;
  const { patience, onProgress } = settings;
  if (patience === 0) return;
  const { slope } = culprit.judge(growing);
  const done = rounds.done * rounds.size;
  // A scenario's iteration may be several requests to the isolate, by which growth is counted.
  const { floors } = culprit;
  const served = (floors.at(-1)?.requests ?? 0) - (floors[0]?.requests ?? 0);
  const each = Math.max(1, served / Math.max(1, (floors.length - 1) * rounds.size));
  const perRequest = each * (growing === 'descriptors' || growing === 'handles' ? 1024 : Math.max(1, slope));
  const wanted = Math.min(
    Math.max(LEAST_INSISTENCE - done, INSISTENCE * done),
    MOST_GROWTH / perRequest,
    descriptorsLeft(culprit) / each,
  );
  const end = performance.now() + left - RESERVE;
  onProgress({ phase: 'confirming', text: 'going on, to see whether it ends' });
  await loadFor(Math.min(patience, (end - performance.now()) / 2), wanted, load, signal);
  const ms = Math.min(patience, end - performance.now());
  if (ms <= 0) return;
  onProgress({ phase: 'confirming', text: `waiting ${Math.ceil(ms / 1000)} s for what expires` });
  await sleep(ms, undefined, { signal });
  await load.run(Math.min(SWEEP, rounds.size), signal);
}

/** For how many requests the process has descriptors, with some to spare. */
function descriptorsLeft(culprit: Series): number {
  const { slope } = culprit.judge('descriptors');
  const left = culprit.descriptorLimit - culprit.descriptors;
  return slope > 0.001 ? (0.25 * left) / slope : Number.POSITIVE_INFINITY;
}

/** The isolate that leaks most, by the signal that says most. */
function worstOf(series: readonly Series[]): Series {
  const leaking = series.filter((each) => each.growing !== undefined);
  const [worst] = leaking.sort((a, b) => b.judge('heap').slope - a.judge('heap').slope);
  if (worst === undefined) throw new CheckFailure('nothing grows');
  return worst;
}
