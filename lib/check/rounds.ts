/** Rounds of equal load with a floor after each, until it is clear what the floors do. */

import { describeFilling, type Filling } from './bounded';
import type { Control } from './control';
import type { Evidence, Settled } from './evidence';
import { CheckFailure } from './failure';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import { type Series, SIGNALS } from './series';
import { measureAll, refuseFailures, warmUp } from './warm-up';

/** The rounds of a check. */
export interface Rounds {
  series: Series[];
  /** Requests per round. */
  size: number;
  /** What stays of each request, where what grew was let go of. */
  stays?: number;
  /** What grows within a bound. */
  filling: Filling[];
  /** Rounds done. */
  done: number;
  /** What to tell of it. */
  notes: string[];
}

/**
 * Runs rounds until all isolates are judged, or there are enough of them. Whenever one grows, `confirm` is asked: when it
 * says no, rounds begin anew, twice as long.
 */
export async function checkRounds(
  settings: CheckSettings,
  control: Control,
  load: Load,
  signal: AbortSignal,
  confirm: (rounds: Rounds) => Promise<Pick<Evidence, 'confirmed' | 'settled' | 'culprit' | 'filling'>>,
): Promise<Rounds> {
  const { series, size } = await warmUp(settings, control, load, signal);
  const rounds: Rounds = { series, size, filling: [], done: 0, notes: [] };
  const { maxRounds, onProgress } = settings;
  let [least, refused] = [settings.rounds, 0];
  let before: Settled | undefined;
  for (let round = 1; round <= maxRounds; round++) {
    onProgress({ phase: 'measuring', round, text: describe(rounds) });
    await load.run(rounds.size, signal);
    rounds.done = round;
    refuseFailures(load, settings, rounds.size);
    await measureAll(series, load);
    if (round < least) continue;
    const verdicts = series.map((each) => each.verdict);
    if (verdicts.includes('leak')) {
      const { confirmed, settled, culprit, filling } = await confirm(rounds);
      rounds.filling.push(...filling);
      rounds.notes.push(...filling.map((cache) => `it fills, and has a bound: ${describeFilling(cache)}`));
      if (confirmed) return rounds;
      if (filling.length > 0 && culprit !== undefined) {
        // What is left to be judged are other isolates: not those of a cluster that do the same.
        for (const each of series) if (each === culprit || each.isLike(culprit)) each.excused = true;
        if (series.every((each) => each.verdict === 'healthy')) return rounds;
        continue;
      }
      // Both floors are what was left when the rest had been let go of: between them is what stays.
      const stays = stayed(before, settled);
      if (settled !== undefined && stays !== undefined && stays <= settled.budget) {
        rounds.stays = stays;
        rounds.notes.push(`what grows is let go of, twice: ${stays.toFixed(1)} per request stay`);
        return rounds;
      }
      before = settled;
      if (++refused > 2) throw new CheckFailure('what it keeps grows, and is let go of again and again');
      // Longer rounds, so that what is kept for a while reaches its level within them.
      rounds.size *= 2;
      for (const each of series) each.restart();
      await measureAll(series, load);
      least = Math.min(maxRounds, round + settings.rounds);
    } else if (verdicts.every((verdict) => verdict === 'healthy')) return rounds;
  }
  throw new CheckFailure(`the floors are not clear after ${maxRounds} rounds: ${doubts(series)}`);
}

/** What stays of each request, between two floors. */
function stayed(first: Settled | undefined, second: Settled | undefined): number | undefined {
  if (first === undefined || second === undefined) return undefined;
  return (second.value - first.value) / Math.max(1, second.requests - first.requests);
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
