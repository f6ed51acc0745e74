/**
 * Whether floors grow with the requests: pure functions, the same floors give the same answer.
 *
 * Growth has to persist. A start, a pool and a cache that fills slow down or stop; a time to live is a ramp that ends;
 * what comes and goes returns to where it was. None of these is a leak however steep it is for a while. See
 * `docs/design/check.md`.
 */

import { fitLine, type Line, meanRate, median, type Point, rates } from './statistics';

/** What a series of floors does. */
export type Course =
  /** It stays where it is, within the budget. */
  | 'level'
  /** It grows by more than the budget, evenly, to the last round. */
  | 'growing'
  /** It grows, but ever less. */
  | 'settling'
  /** It cannot be told: too few rounds, or they say different things. */
  | 'unclear';

/** What {@link judge} says of a series. */
export interface Judgement extends Line {
  course: Course;
  /** Of how many rounds the line is, the newest ones. */
  rounds: number;
  /** Growth over those rounds. */
  growth: number;
  /** In words with figures, for a person. */
  reason: string;
}

/** What counts as growth. */
export interface Budget {
  /** Per request: what is less than this is none. */
  perRequest: number;
  /** In all, over the rounds that are judged: what is less than this is noise. */
  least: number;
}

/** Fewer rounds are not judged: with five steps an interval is a third of all slopes wide. */
export const LEAST_ROUNDS = 5;
/** Of the rounds so far the newest, as a share, are judged: what a start does is left behind. */
const NEWEST = 0.7;
/** Growth of the second half, as a share of that of the first, below which growth slows down. */
const STEADY = 0.55;
/** Of the steps of the second half, as many have to go up. */
const UPWARD = 0.7;
/** From so many rounds on, the lowest floors at both ends say enough of what swings. */
const SWINGS = 10;

/** Judges floors; the first is from before the first round. */
export function judge(points: readonly Point[], budget: Budget): Judgement {
  const size = Math.max(LEAST_ROUNDS + 1, Math.ceil(points.length * NEWEST));
  const newest = points.slice(-size);
  const rounds = newest.length - 1;
  const line = fitLine(newest);
  const growth = (newest.at(-1)?.value ?? 0) - (newest[0]?.value ?? 0);
  const answer = (course: Course, reason: string): Judgement => ({ ...line, course, rounds, growth, reason });
  if (points.length <= LEAST_ROUNDS) return answer('unclear', `${Math.max(0, rounds)} rounds are too few`);

  // The point in the middle belongs to both, so that no step is lost.
  const middle = newest.length >> 1;
  const [early, late] = [newest.slice(0, middle + 1), newest.slice(middle)];
  const [first, second] = [typicalRate(early), typicalRate(late)];
  if (line.high <= budget.perRequest && meanRate(late) <= budget.perRequest) {
    return answer('level', 'the floor stays where it is');
  }
  if (growth < budget.least && meanRate(late) * span(newest) < budget.least) {
    return answer('level', 'it grows by less than what is noise');
  }
  if (points.length > SWINGS && lowestRate(points) <= budget.perRequest / 2) {
    return answer('level', 'it swings, and comes back to where it was');
  }
  if (line.low <= budget.perRequest) {
    // What grew, and has stopped, is level as soon as enough rounds say so.
    return second <= budget.perRequest / 2 && first > budget.perRequest
      ? answer('settling', 'it has grown, and seems to have stopped')
      : answer('unclear', 'the rounds differ too much');
  }
  if (second < STEADY * first) return answer('settling', 'it grows ever more slowly');
  const upward = rates(late).filter((rate) => rate > budget.perRequest / 2).length / (late.length - 1);
  if (upward < UPWARD) return answer('unclear', 'it grows in some rounds only');
  if (growth < budget.least) return answer('unclear', 'it has grown by too little to be sure');
  return answer('growing', 'it grows evenly, to the last round');
}

/**
 * The growth per request of a stretch: of what the median step says and what its ends say, the lower. A table that
 * doubles is a jump in one step, which its ends do see, and which is no growth of every request.
 */
function typicalRate(points: readonly Point[]): number {
  return Math.min(median(rates(points)), meanRate(points));
}

/** Growth between the lowest floor of the first third and that of the last. */
function lowestRate(points: readonly Point[]): number {
  const third = Math.floor(points.length / 3);
  const lowest = (some: readonly Point[]): Point =>
    some.reduce((least, each) => (each.value < least.value ? each : least));
  return meanRate([lowest(points.slice(0, third)), lowest(points.slice(-third))]);
}

function span(points: readonly Point[]): number {
  return (points.at(-1)?.requests ?? 0) - (points[0]?.requests ?? 0);
}
