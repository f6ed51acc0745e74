/**
 * Makes sure that what grows is kept, and looks for what it is: loads the app twice more with a snapshot before, between
 * and after, and waits before the last. A time to live has run out by then, and what was let go of is in no finding.
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeapComparison, HeapFinding } from '../heap/types';
import { type Filling, heldBy, mayBeBounded, type Split, splitBounded } from './bounded';
import type { Control } from './control';
import { compareHeaps } from './engine';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import { originalPlaces, withCaller, withOriginalPlaces, withPlace } from './places';
import type { HandleGrowth, ListenerGrowth } from './protocol';
import type { Rounds } from './rounds';
import type { Series } from './series';
import type { AllocationSite, CheckFinding, Floor, Signal } from './types';

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
/** A finding is told when it grew again after the second snapshot, by this share, and by this part of what is allowed. */
const [GROWS_ON, PART] = [0.2, 0.1];
/** Growth that snapshots need not explain, as a share: they see less than the floors do. */
const UNEXPLAINED = 0.3;
/** Time that is left for the end, in ms: comparing, and ending the app. */
const RESERVE = 15_000;
/** Timers shorter than this, in ms, are over by themselves. */
const SHORT = 500;
/** Requests sent after the wait: some caches look for what has expired only when they are used. */
const SWEEP = 40;

/** A floor after which nothing is left that is only kept for a while. */
export interface Settled {
  requests: number;
  value: number;
  /** What may stay of each request. */
  budget: number;
}

/** What was found out about what grows. */
export interface Evidence {
  /** Whether it is kept. */
  confirmed: boolean;
  /** Bytes of each request that stay within bounds. */
  boundedPerRequest: number;
  /** What grows within a bound: where there is nothing else, it is no leak. */
  filling: Filling[];
  /** What was there when what is kept for a while had been let go of. */
  settled?: Settled;
  culprit: Series | undefined;
  signal: Signal | undefined;
  findings: CheckFinding[];
  comparison: HeapComparison | undefined;
  allocations: AllocationSite[];
  listeners: ListenerGrowth[];
  handles: HandleGrowth[];
  notes: string[];
}

interface Context {
  settings: CheckSettings;
  control: Control;
  load: Load;
  rounds: Rounds;
  signal: AbortSignal;
  /** What is left of the timeout, in ms. */
  left: number;
}

export async function confirm(context: Context): Promise<Evidence> {
  const { settings, load, rounds, signal } = context;
  const culprit = worstOf(rounds.series);
  const growing = culprit.growing as Signal;
  const evidence: Evidence = {
    confirmed: false,
    culprit,
    signal: growing,
    boundedPerRequest: 0,
    filling: [],
    findings: [],
    comparison: undefined,
    allocations: [],
    listeners: [],
    handles: [],
    notes: [],
  };
  const { slope } = culprit.judge(growing);
  const files = snapshotFiles(context, culprit);
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
  const first = await look(0);
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
    rounds.notes.push(`what grew does not grow on (${growing} of ${culprit.name})`);
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
    await compare(context, evidence, taken, Math.max(1, second.requests - first.requests));
    const inBytes = growing === 'heap' || growing === 'external';
    evidence.confirmed = evidence.filling.length === 0 || !inBytes || isMore(evidence, slope, settings);
  }
  return evidence;
}

/** Loads the app until the time is up, or as many requests are sent; resolves to how many were. */
async function loadFor(ms: number, most: number, load: Load, signal: AbortSignal): Promise<number> {
  const end = performance.now() + ms;
  const step = Math.max(50, Math.min(1000, Math.ceil(most / LOOKS)));
  let sent = 0;
  for (; sent < most && performance.now() < end; sent += step) await load.run(step, signal);
  return sent;
}

/** Compares the snapshots; without an engine for this platform the leak is one all the same. */
async function compare(
  context: Context,
  evidence: Evidence,
  taken: string[],
  requests: number,
): Promise<void> {
  const { settings, signal } = context;
  settings.onProgress({ phase: 'comparing', text: 'comparing the snapshots' });
  const comparison = await tryTo(evidence.notes, 'the snapshots cannot be compared', () =>
    compareHeaps(taken, {
      signal,
      sources: true,
      roots: [settings.cwd],
      onProgress: ({ share, stage }) =>
        settings.onProgress({ phase: 'comparing', text: `${stage}, ${Math.round(share * 100)} %` }),
    }),
  );
  if (comparison === undefined || evidence.culprit === undefined) return;
  evidence.comparison = comparison;
  const { isolate } = evidence.culprit;
  const { findings: found } = comparison;
  const split = (await tryTo(evidence.notes, 'bounds are not known', () =>
    takeBounded(context, evidence.culprit as Series, found, requests),
  )) ?? { findings: found, bytes: 0, filling: [] };
  evidence.filling = split.filling;
  evidence.boundedPerRequest = split.bytes / requests;
  evidence.allocations = await originalPlaces(isolate, evidence.allocations);
  const findings = await withOriginalPlaces(isolate, split.findings);
  evidence.findings = findings
    .map((finding) => withPlace(finding, evidence.allocations, evidence.handles))
    .map((finding) => withCaller(finding, evidence.allocations))
    .map((finding) => ({ ...finding, bytesPerRequest: finding.bytes / requests }))
    .filter((finding, i) => (i === 0 && split.filling.length === 0) || isWorthTelling(finding, settings));
}

/** Takes out what has a bound, which is seen with some more load. */
async function takeBounded(
  { settings, load, rounds, signal }: Context,
  culprit: Series,
  findings: HeapFinding[],
  requests: number,
): Promise<Split<HeapFinding>> {
  const ids = heldBy(findings);
  const before = await culprit.isolate.ask('bounds', ids);
  if (!mayBeBounded(findings, before)) return { findings, bytes: 0, filling: [] };
  settings.onProgress({ phase: 'confirming', text: 'looking whether what grows has a bound' });
  const first = await culprit.peek(load.counts.sent);
  await load.run(rounds.size, signal);
  const last = await culprit.peek(load.counts.sent);
  const after = await culprit.isolate.ask('bounds', ids);
  const between = last.requests - first.requests;
  const grown = last.heap + last.external - first.heap - first.external;
  const level = grown <= between * settings.maxGrowth;
  return splitBounded(findings, { before, after, share: between / requests, level });
}

/** Whether more grows than what has a bound: something else that was found, or much of which nothing was. */
function isMore(evidence: Evidence, slope: number, { maxGrowth }: CheckSettings): boolean {
  const others = evidence.findings.reduce((sum, { bytesPerRequest }) => sum + bytesPerRequest, 0);
  const unexplained = slope - evidence.boundedPerRequest;
  return others > maxGrowth || unexplained > Math.max(maxGrowth, slope * UNEXPLAINED);
}

/** What has grown once, or by little, is not what leaks: a pool, a table, a cache of Node's own. */
function isWorthTelling(
  { bytes, newBytes, bytesPerRequest }: CheckFinding,
  { maxGrowth }: CheckSettings,
): boolean {
  return newBytes >= bytes * GROWS_ON && bytesPerRequest >= maxGrowth * PART;
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
  const left = culprit.descriptorLimit - (culprit.floors.at(-1)?.descriptors ?? 0);
  return slope > 0.001 ? (0.4 * left) / slope : Number.POSITIVE_INFINITY;
}

/** The isolate that leaks most, by the signal that says most. */
function worstOf(series: readonly Series[]): Series {
  const leaking = series.filter((each) => each.growing !== undefined);
  const [worst] = leaking.sort((a, b) => b.judge('heap').slope - a.judge('heap').slope);
  if (worst === undefined) throw new CheckFailure('nothing grows');
  return worst;
}

/** What helps to explain a leak may fail without hiding it. */
async function tryTo<T>(notes: string[], what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    notes.push(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}
