/**
 * Makes sure that what grows is kept, and looks for what it is: loads the app twice more with a snapshot before, between
 * and after, and waits before the last. A time to live has run out by then, and what was let go of is in no finding.
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeapComparison } from '../heap/types';
import type { Control } from './control';
import { compareHeaps } from './engine';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import { originalPlaces, withOriginalPlaces, withPlace } from './places';
import type { ListenerGrowth } from './protocol';
import type { Rounds } from './rounds';
import type { Series } from './series';
import type { AllocationSite, CheckFinding, Floor, Signal } from './types';

/** Of what grew over the rounds, as much may be let go of while nothing is asked of the app. */
const LET_GO = 0.5;
/** How long the load between two snapshots goes on, in ms, unless a round is done before. */
const BETWEEN = 4000;
/** How long listeners are observed, in ms. */
const LISTENING = 1500;
/** Requests between two looks at the clock. */
const STEP = 50;
/** Time that is left for the end, in ms: comparing, and ending the app. */
const RESERVE = 15_000;
/** Requests sent after the wait: some caches look for what has expired only when they are used. */
const SWEEP = 40;

/** What was found out about what grows. */
export interface Evidence {
  /** Whether it is kept. */
  confirmed: boolean;
  culprit: Series | undefined;
  signal: Signal | undefined;
  findings: CheckFinding[];
  comparison: HeapComparison | undefined;
  allocations: AllocationSite[];
  listeners: ListenerGrowth[];
  notes: string[];
}

interface Context {
  settings: CheckSettings;
  control: Control;
  load: Load;
  rounds: Rounds;
  signal: AbortSignal;
  /** When the first request was sent, as `performance.now()` says. */
  loadBegan: number;
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
    findings: [],
    comparison: undefined,
    allocations: [],
    listeners: [],
    notes: [],
  };
  const { growth } = culprit.judge(growing);
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
  await wait(context, culprit);
  await load.run(Math.min(SWEEP, rounds.size), signal);
  const last = await look(2);
  if (sampling) evidence.allocations = await culprit.isolate.ask('sampled').catch(() => []);
  // Most of what the rounds had left behind has to be there still.
  evidence.confirmed = first[growing] - last[growing] <= LET_GO * growth;
  if (!evidence.confirmed) {
    rounds.notes.push(`what grew was let go of after a while (${growing} of ${culprit.name})`);
    return evidence;
  }
  await tryTo(evidence.notes, 'listeners are not observed', async () => {
    // After the snapshots, in which the ledger would be seen.
    settings.onProgress({ phase: 'confirming', text: 'looking who adds listeners' });
    await culprit.isolate.ask('observe');
    await loadFor(LISTENING, rounds.size, load, signal);
    await culprit.peek(load.counts.sent);
    evidence.listeners = await culprit.isolate.ask('listeners');
  });
  if (taken.length === 3) {
    await compare(context, evidence, taken, Math.max(1, second.requests - first.requests));
  }
  return evidence;
}

/** Loads the app until the time is up, or as many requests are sent; resolves to how many were. */
async function loadFor(ms: number, most: number, load: Load, signal: AbortSignal): Promise<number> {
  const end = performance.now() + ms;
  let sent = 0;
  for (; sent < most && performance.now() < end; sent += STEP) await load.run(STEP, signal);
  return sent;
}

/** Compares the snapshots; without an engine for this platform the leak is one all the same. */
async function compare(
  { settings, signal }: Context,
  evidence: Evidence,
  taken: string[],
  requests: number,
): Promise<void> {
  settings.onProgress({ phase: 'comparing', text: 'comparing the snapshots' });
  const comparison = await tryTo(evidence.notes, 'the snapshots cannot be compared', () =>
    compareHeaps(taken, {
      signal,
      roots: [settings.cwd],
      onProgress: ({ share, stage }) =>
        settings.onProgress({ phase: 'comparing', text: `${stage}, ${Math.round(share * 100)} %` }),
    }),
  );
  if (comparison === undefined || evidence.culprit === undefined) return;
  evidence.comparison = comparison;
  const { isolate } = evidence.culprit;
  evidence.allocations = await originalPlaces(isolate, evidence.allocations);
  const findings = await withOriginalPlaces(isolate, comparison.findings);
  evidence.findings = findings
    .map((finding) => withPlace(finding, evidence.allocations))
    .map((finding) => ({ ...finding, bytesPerRequest: finding.bytes / requests }));
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

/** Until what is kept for a while has been let go of. */
async function wait({ settings, loadBegan, signal, left }: Context, { longestTimer }: Series): Promise<void> {
  const { patience, onProgress } = settings;
  // A sweep by a timer takes what has expired before it: its period, and a little.
  const own = Math.min(2 * patience, longestTimer * 1.1 + 1000);
  const until = Math.max(loadBegan + patience, performance.now() + (longestTimer > 1000 ? own : 0));
  const ms = Math.min(until - performance.now(), left - RESERVE);
  if (ms <= 0) return;
  onProgress({ phase: 'confirming', text: `waiting ${Math.ceil(ms / 1000)} s for what expires` });
  await sleep(ms, undefined, { signal });
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
