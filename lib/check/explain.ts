/** What it is that grows: three snapshots compared, places found, and what has a bound taken out. */

import { type More, takeBounded } from './bounded';
import { compareHeaps } from './engine';
import { type Context, type Evidence, tryTo } from './evidence';
import type { CheckSettings } from './options';
import { originalPlaces, withCaller, withOriginalPlaces, withPlace } from './places';
import type { Series } from './series';
import type { CheckFinding } from './types';

/** A finding is told when it grew again after the second snapshot, by this share, and by this part of what is allowed. */
const [GROWS_ON, PART] = [0.2, 0.1];
/** Growth that snapshots need not explain, as a share: they see less than the floors do. */
const UNEXPLAINED = 0.3;

/** Compares the snapshots; without an engine for this platform the leak is one all the same. */
export async function explain(
  context: Context,
  evidence: Evidence,
  taken: string[],
  requests: number,
): Promise<void> {
  const { settings } = context;
  const { culprit, signal } = evidence;
  settings.onProgress({ phase: 'comparing', text: 'comparing the snapshots' });
  const comparison = await tryTo(evidence.notes, 'the snapshots cannot be compared', () =>
    compareHeaps(taken, {
      signal: context.signal,
      sources: true,
      roots: [settings.cwd],
      onProgress: ({ share, stage }) =>
        settings.onProgress({ phase: 'comparing', text: `${stage}, ${Math.round(share * 100)} %` }),
    }),
  );
  if (comparison === undefined || culprit === undefined) return;
  evidence.comparison = comparison;
  const { isolate } = culprit;
  const { findings: found } = comparison;
  const ask = (ids: number[]) => isolate.ask('bounds', ids);
  const split = (await tryTo(evidence.notes, 'bounds are not known', () =>
    takeBounded(found, ask, () => oneMore(context, culprit, requests)),
  )) ?? { findings: found, bytes: 0, filling: [] };
  evidence.filling = split.filling;
  evidence.allocations = await originalPlaces(isolate, evidence.allocations);
  const findings = await withOriginalPlaces(isolate, split.findings);
  evidence.findings = findings
    .map((finding) => withPlace(finding, evidence.allocations, evidence.handles))
    .map((finding) => withCaller(finding, evidence.allocations))
    .map((finding) => ({ ...finding, bytesPerRequest: finding.bytes / requests }))
    .filter((finding, i) => (i === 0 && split.filling.length === 0) || isWorthTelling(finding, settings));
  // A cache does not explain what grows in descriptors or handles.
  if (split.filling.length > 0 && (signal === 'heap' || signal === 'external')) {
    const { slope } = culprit.judge(signal);
    evidence.confirmed = isMore(evidence.findings, slope - split.bytes / requests, slope, settings);
  }
}

/** Goes on for a round, for the bounds to be seen taking something in. */
async function oneMore(
  { settings, load, rounds, signal }: Context,
  culprit: Series,
  requests: number,
): Promise<More> {
  settings.onProgress({ phase: 'confirming', text: 'looking whether what grows has a bound' });
  const first = await culprit.peek(load.counts.sent);
  await load.run(rounds.size, signal);
  const last = await culprit.peek(load.counts.sent);
  const between = last.requests - first.requests;
  const grown = last.heap + last.external - first.heap - first.external;
  return { share: between / requests, level: grown <= between * settings.maxGrowth };
}

/** Whether more grows than what has a bound: something else that was found, or much of which nothing was. */
function isMore(
  findings: CheckFinding[],
  unexplained: number,
  slope: number,
  { maxGrowth }: CheckSettings,
): boolean {
  const others = findings.reduce((sum, { bytesPerRequest }) => sum + bytesPerRequest, 0);
  return others > maxGrowth || unexplained > Math.max(maxGrowth, slope * UNEXPLAINED);
}

/** What has grown once, or by little, is not what leaks: a pool, a table, a cache of Node's own. */
function isWorthTelling(
  { bytes, newBytes, bytesPerRequest }: CheckFinding,
  { maxGrowth }: CheckSettings,
): boolean {
  return newBytes >= bytes * GROWS_ON && bytesPerRequest >= maxGrowth * PART;
}
