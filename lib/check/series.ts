/** The floors of one isolate, round by round, and what they say. */

import type { Isolate } from './control';
import { type Budget, type Judgement, judge } from './judge';
import type { Point } from './statistics';
import type { Floor, IsolateReport, Signal, SignalReport } from './types';

const KB = 1024;
const MB = 1024 * KB;

/**
 * What a signal may grow by besides the budget of the check. The one that says most comes first: native memory last, as
 * open files and sockets cost some as well, and are what to look for.
 */
const BUDGETS: Record<Signal, (maxGrowth: number) => Budget> = {
  heap: (maxGrowth) => ({ perRequest: maxGrowth, least: 48 * KB }),
  external: (maxGrowth) => ({ perRequest: maxGrowth, least: 128 * KB }),
  descriptors: () => ({ perRequest: 0.005, least: 12 }),
  handles: () => ({ perRequest: 0.005, least: 12 }),
  // The allocator keeps what was freed, and takes pages by the megabyte: only much is something.
  native: (maxGrowth) => ({ perRequest: Math.max(512, 4 * maxGrowth), least: 12 * MB }),
};

export const SIGNALS = Object.keys(BUDGETS) as Signal[];

export class Series {
  readonly isolate: Isolate;
  readonly floors: Floor[] = [];
  /** The longest timer, in ms, that its program has set. */
  longestTimer = 0;
  /** How many descriptors its process had at the last look, and may have. */
  descriptors = 0;
  descriptorLimit = 0;
  /** Whether it is known that what grows in its heap has a bound. */
  excused = false;
  readonly #maxGrowth: number;
  readonly #workers: () => boolean;
  #servedBefore: number | undefined;
  #sentBefore = 0;

  /** `workers`: whether the process has more isolates than this one; its native memory is then not this one's. */
  constructor(isolate: Isolate, maxGrowth: number, workers: () => boolean) {
    this.isolate = isolate;
    this.#maxGrowth = maxGrowth;
    this.#workers = workers;
  }

  get name(): string {
    const { pid, thread, script } = this.isolate.hello;
    // A worker's script is not known yet when its agent says hello.
    const file = script.split(/[\\/]/).at(-1) || (thread === 0 ? 'node' : `worker ${thread}`);
    return `${file}${file.startsWith('worker ') ? ' of' : ','} process ${pid}`;
  }

  /** Measures the floor after a round; `sent` is how many requests have been sent to the app by now. */
  async measure(sent: number): Promise<Floor> {
    const floor = await this.peek(sent);
    this.floors.push(floor);
    return floor;
  }

  /** As {@link measure}, for a floor that is not one of the series: what is done meanwhile is not only load. */
  async peek(sent: number): Promise<Floor> {
    const { served, longestTimer, descriptorLimit, ...figures } = await this.isolate.ask('floor');
    this.longestTimer = longestTimer;
    this.descriptorLimit = descriptorLimit;
    this.descriptors = figures.descriptors;
    this.#servedBefore ??= served;
    if (this.floors.length === 0) this.#sentBefore = sent;
    const own = served - this.#servedBefore;
    const all = sent - this.#sentBefore;
    // An isolate that counts few requests of its own works on behalf of one that takes them, or serves another protocol.
    return { requests: own > all * 0.05 ? own : all, ...figures };
  }

  /** Forgets what was measured: the next floor is the first. */
  restart(): void {
    this.floors.length = 0;
    this.#servedBefore = undefined;
  }

  points(signal: Signal): Point[] {
    return this.floors.map((floor) => ({ requests: floor.requests, value: floor[signal] }));
  }

  judge(signal: Signal): Judgement {
    const answer = judge(this.points(signal), BUDGETS[signal](this.#maxGrowth));
    if (this.excused && (signal === 'heap' || signal === 'external'))
      return { ...answer, course: 'level', reason: 'what grows has a bound' };
    if (signal === 'native' && this.#workers() && answer.course !== 'unclear')
      return { ...answer, course: 'level' };
    return answer;
  }

  /** Whether it runs the same script, and its heap grows by about as much. */
  isLike(other: Series): boolean {
    const [own, its] = [this.judge('heap').slope, other.judge('heap').slope];
    const same = this.isolate.hello.script === other.isolate.hello.script;
    return same && own > its / 2 && own < its * 2;
  }

  /** What leaks, if anything; `unclear` when that cannot be told yet. */
  get verdict(): IsolateReport['verdict'] {
    return verdictOf(SIGNALS.map((signal) => [signal, this.judge(signal).course]));
  }

  /** The signal that grows, the one that says most first. */
  get growing(): Signal | undefined {
    return SIGNALS.find((signal) => this.judge(signal).course === 'growing');
  }

  report(): IsolateReport {
    const signals = Object.fromEntries(
      SIGNALS.map((signal): [Signal, SignalReport] => {
        const budget = BUDGETS[signal](this.#maxGrowth).perRequest;
        return [signal, { ...this.judge(signal), budget }];
      }),
    ) as Record<Signal, SignalReport>;
    const { pid, thread } = this.isolate.hello;
    return { name: this.name, pid, thread, verdict: this.verdict, signals, floors: [...this.floors] };
  }
}

/**
 * One signal that grows is a leak. Else all have to be level; of native memory and handles, which go up and down, it is
 * enough that they do not grow.
 */
function verdictOf(courses: Array<[Signal, Judgement['course']]>): IsolateReport['verdict'] {
  if (courses.some(([, course]) => course === 'growing')) return 'leak';
  const open = courses.filter(
    ([signal, course]) => course !== 'level' && (signal === 'heap' || signal === 'external'),
  );
  return open.length === 0 ? 'healthy' : 'unclear';
}
