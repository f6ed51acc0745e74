/** The report of a check: its verdict, and the sentence that says it. */

import { describeFilling } from './bounded';
import type { Evidence } from './evidence';
import { noCounts } from './load/types';
import type { CheckSettings } from './options';
import type { Rounds } from './rounds';
import type { Outcome } from './run';
import type { CheckReport, IsolateReport } from './types';

/** Answers that say that nothing is there, as a share above which an app has not been checked. */
const NOT_FOUND = 0.9;

export function reportOf(
  { command }: CheckSettings,
  { failure, load, rounds, evidence, notes: own }: Outcome,
  when: Pick<CheckReport, 'startedAt' | 'seconds'>,
): CheckReport {
  const isolates = (rounds?.series ?? []).map((each) => each.report());
  const culprit = evidence.culprit?.name;
  const nothing =
    failure === undefined && !evidence.confirmed ? notFound(load?.counts ?? noCounts()) : undefined;
  const trouble = failure ?? nothing;
  const verdict = trouble !== undefined ? 'unclear' : evidence.confirmed ? 'leak' : 'healthy';
  // Where it was confirmed, the floors of the confirmation are part of the series, and may blur what they said before.
  const found = isolates.find(({ name }) => name === culprit);
  if (found !== undefined && verdict !== 'unclear') found.verdict = verdict;
  // A worker of a tool may have been there before the main thread said so.
  isolates.sort((a, b) => a.thread - b.thread);
  return {
    schema: 1,
    verdict,
    summary: trouble ?? summaryOf(verdict, isolates, evidence, rounds),
    command: [...command],
    targets: load?.targets ?? [],
    ...when,
    roundSize: rounds?.size ?? 0,
    load: load?.counts ?? noCounts(),
    isolates,
    culprit: verdict === 'leak' ? culprit : undefined,
    findings: verdict === 'healthy' ? [] : evidence.findings,
    filling: rounds?.filling ?? [],
    comparison: evidence.comparison,
    allocations: evidence.allocations,
    listeners: evidence.listeners,
    handles: evidence.handles,
    notes: [...own, ...(rounds?.notes ?? []), ...evidence.notes],
  };
}

function notFound({ answered, statuses }: CheckReport['load']): string | undefined {
  const missing = (statuses['404'] ?? 0) + (statuses['405'] ?? 0);
  if (answered === 0 || missing < NOT_FOUND * answered) return undefined;
  return `${missing} of ${answered} answers are 404 or 405, so that little of the app was checked: give paths that it has with --url`;
}

const UNITS = {
  heap: 'bytes of JavaScript objects',
  external: 'bytes of buffers',
  native: 'bytes of native memory',
  descriptors: 'file descriptors',
  handles: 'handles',
} as const;

function summaryOf(
  verdict: string,
  isolates: readonly IsolateReport[],
  { culprit, signal }: Evidence,
  rounds: Rounds | undefined,
): string {
  const judged = isolates.find(({ name }) => name === culprit?.name);
  if (verdict === 'leak' && judged !== undefined && signal !== undefined) {
    const { slope, low, high } = judged.signals[signal];
    const digits = signal === 'descriptors' || signal === 'handles' ? 2 : 0;
    const [mid, from, to] = [slope, low, high].map((each) => each.toFixed(digits));
    return `${judged.name} keeps ${mid} ${UNITS[signal]} of each request (95 %: ${from} to ${to})`;
  }
  const [filling] = rounds?.filling ?? [];
  if (filling !== undefined) return `what grows has a bound: ${describeFilling(filling)}`;
  const stays = rounds?.stays;
  if (stays !== undefined)
    return `what grows is let go of: ${Math.max(0, stays).toFixed(0)} per request stay`;
  const heap = Math.max(0, ...isolates.map(({ signals }) => signals.heap.slope));
  return `no growth: ${heap.toFixed(0)} bytes per request, of which ${isolates[0]?.signals.heap.budget ?? 0} are allowed`;
}
