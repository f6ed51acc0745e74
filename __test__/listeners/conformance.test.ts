/**
 * Random programs on a bare emitter and, through a tracker, on another: everything that can be seen agrees after each
 * step. Listeners run programs of their own while they are called. The same for event targets.
 */

import assert from 'node:assert/strict';
import { EventEmitter, setMaxListeners } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { trackListeners } from 'plateau';

const RUNS = 500 * Number(process.env.PLATEAU_RUNS ?? 1);
const SYMBOL = Symbol('event');
const EVENTS = ['a', 'b', SYMBOL, 'error', '7', 'newListener', 'removeListener', 'undefined'];
const MUTATIONS = [
  ...['on', 'addListener', 'prependListener', 'once', 'prependOnceListener'],
  ...[
    'off',
    'removeListener',
    'removeListener',
    'removeAllListeners',
    'removeEverything',
    'emit',
    'emit',
    'emit',
  ],
];

interface Step {
  method: string;
  event: number;
  listener: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom(...MUTATIONS, 'setMaxListeners', 'notAFunction'),
  event: fc.nat(EVENTS.length - 1),
  listener: fc.nat(5),
});
/** What each of the listeners does when it is called, the first few times. */
const scripts = fc.array(fc.array(step, { maxLength: 3 }), { minLength: 6, maxLength: 6 });

/** The methods that both have. */
type Emitter = Pick<
  EventEmitter,
  'on' | 'emit' | 'removeAllListeners' | 'eventNames' | 'listenerCount' | 'listeners' | 'rawListeners'
> &
  // biome-ignore lint/suspicious/noExplicitAny: methods by name
  Record<string, any>;

/** One of the two worlds: an emitter, and listeners that write down what happens. */
class World {
  readonly log: unknown[] = [];
  readonly listeners: ((...args: unknown[]) => void)[];
  readonly #emitter: Emitter;
  #budget = 40;

  constructor(emitter: Emitter, scripts: readonly Step[][]) {
    this.#emitter = emitter;
    this.listeners = scripts.map((script, id) => {
      const world = this;
      return function (this: unknown, ...args: unknown[]) {
        // Node names a listener or its wrapper, depending on how many there are, and plateau's is one more.
        const plain = args.map((arg) => (arg as { listener?: unknown })?.listener ?? arg);
        world.log.push([id, typeof this, plain.map((arg) => world.nameOf(arg))]);
        for (const each of script) if (world.#budget-- > 0) world.run(each);
      };
    });
  }

  run({ method, event: at, listener: id }: Step): void {
    const event = EVENTS[at] as string;
    const listener = this.listeners[id];
    const emitter = this.#emitter;
    // Who listens for removals once is among those removed, and of several an emitter may forget one.
    if (event === 'removeListener' && /once/i.test(method)) return;
    // While it removes everything, an emitter loses its place when its listeners change it: no semantics to keep.
    if (method.startsWith('remove') && method !== 'removeListener') this.#budget = 0;
    try {
      let result: unknown;
      if (method === 'emit') {
        // What an emitter says of itself cannot be said by others as well without plateau's listener hearing it.
        if (event === 'newListener') return;
        result = emitter.emit(event, event === 'error' ? new Error('emitted') : id, 'more');
      } else if (method === 'removeEverything') result = emitter.removeAllListeners();
      else if (method === 'removeAllListeners') result = emitter.removeAllListeners(event);
      else if (method === 'setMaxListeners') result = emitter.setMaxListeners(id + 100);
      else if (method === 'notAFunction') result = emitter.once(event, 'no function');
      else result = emitter[method](event, listener);
      this.log.push([method, result === emitter ? 'itself' : result]);
    } catch (error) {
      const { name, code, message } = error as Error & { code?: string };
      this.log.push([method, name, code, message]);
    }
  }

  /** Everything that can be asked. */
  state(): unknown {
    const emitter = this.#emitter;
    const names = emitter.eventNames();
    return {
      log: this.log,
      // An emitter that was told of its new listeners first names that event first.
      names: new Set(names),
      size: names.length,
      max: emitter.getMaxListeners(),
      events: EVENTS.map((event) => [
        emitter.listenerCount(event as string),
        this.listeners.map((listener) => emitter.listenerCount(event as string, listener)),
        emitter.listeners(event as string).map((listener) => this.nameOf(listener)),
        emitter
          .rawListeners(event as string)
          .map((raw) => [this.nameOf(raw), this.nameOf((raw as { listener?: unknown }).listener)]),
      ]),
    };
  }

  nameOf(value: unknown): unknown {
    if (typeof value !== 'function') return value instanceof Error ? value.message : value;
    const id = this.listeners.indexOf(value as never);
    return id < 0 ? 'a wrapper' : id;
  }
}

/** One that does not warn of many listeners. */
function quiet(): EventEmitter {
  return new EventEmitter().setMaxListeners(0);
}

test('a tracker behaves as a bare emitter does, whatever is done and re-entrantly', () => {
  fc.assert(
    fc.property(scripts, fc.array(step, { maxLength: 40 }), (script, program) => {
      const bare = new World(quiet() as Emitter, script);
      const tracker = trackListeners(quiet());
      const tracked = new World(tracker as unknown as Emitter, script);
      for (const each of program) {
        bare.run(each);
        tracked.run(each);
        assert.deepEqual(tracked.state(), bare.state());
      }
    }),
    { numRuns: RUNS },
  );
});

test('its methods with two names are one, as an emitter’s are', () => {
  const tracker = trackListeners(new EventEmitter());
  assert.equal(tracker.addListener, tracker.on);
  assert.equal(tracker.off, tracker.removeListener);
});

test('at its end a tracker has removed exactly what came through it and is still there', () => {
  fc.assert(
    fc.property(scripts, fc.array(fc.tuple(fc.boolean(), step), { maxLength: 40 }), (script, program) => {
      const emitter = new EventEmitter();
      const tracker = trackListeners(emitter);
      // Listeners 0 to 2 are only ever added by others, 3 to 5 only through the tracker.
      const direct = new World(
        emitter as Emitter,
        script.map(() => []),
      );
      const through = new World(
        tracker as unknown as Emitter,
        script.map(() => []),
      );
      for (const [others, { method, event, listener }] of program) {
        if (method.startsWith('removeAll') || method === 'removeEverything') continue;
        // Who listens for removals with `once` is removed by the first.
        if (others && event >= EVENTS.indexOf('newListener')) continue;
        if (others) direct.run({ method, event, listener: listener % 3 });
        else through.run({ method, event, listener: 3 + (listener % 3) });
      }
      const before = EVENTS.map((event) =>
        emitter.listeners(event as string).filter((each) => direct.listeners.includes(each as never)),
      );
      tracker.dispose();
      const after = EVENTS.map((event) => tracker.listeners(event as never));
      assert.deepEqual(after, before);
      assert.equal(tracker.size, 0);
    }),
    { numRuns: RUNS },
  );
});

interface TargetStep {
  method: 'add' | 'remove' | 'dispatch' | 'abort';
  type: number;
  callback: number;
  options: boolean | { capture?: boolean; once?: boolean; passive?: boolean } | undefined;
  withSignal: boolean;
}

const targetStep: fc.Arbitrary<TargetStep> = fc.record({
  method: fc.constantFrom('add', 'add', 'add', 'remove', 'remove', 'dispatch', 'dispatch', 'abort'),
  type: fc.nat(2),
  callback: fc.nat(4),
  options: fc.option(
    fc.oneof(
      fc.boolean(),
      fc.record({ capture: fc.boolean(), once: fc.boolean(), passive: fc.boolean() }, { requiredKeys: [] }),
    ),
    { nil: undefined },
  ),
  withSignal: fc.boolean(),
});

/** The part of an event target that a tracker has too. */
interface Target {
  addEventListener(type: string, callback: unknown, options?: unknown): void;
  removeEventListener(type: string, callback: unknown, options?: unknown): void;
  dispatchEvent(event: Event): boolean;
}

class TargetWorld {
  readonly log: unknown[] = [];
  readonly #target: Target;
  readonly #callbacks: unknown[];
  #abort = new AbortController();
  #budget = 40;

  constructor(target: Target, scripts: readonly TargetStep[][]) {
    this.#target = target;
    setMaxListeners(0, this.#abort.signal);
    this.#callbacks = scripts.map((script, id) => {
      const act = (event: Event): void => {
        this.log.push([id, event.type, event.defaultPrevented]);
        for (const each of script) if (this.#budget-- > 0) this.run(each);
        if (id === 2) event.preventDefault();
      };
      return id === 3 ? { handleEvent: act } : act;
    });
  }

  run({ method, type, callback, options, withSignal }: TargetStep): void {
    const name = `type${type}`;
    const listener = this.#callbacks[callback];
    if (method === 'abort') {
      this.#abort.abort();
      this.#abort = new AbortController();
      setMaxListeners(0, this.#abort.signal);
    } else if (method === 'dispatch') {
      this.log.push(this.#target.dispatchEvent(new Event(name, { cancelable: true })));
    } else if (method === 'remove') this.#target.removeEventListener(name, listener, options);
    else {
      const plain = typeof options === 'object' ? options : { capture: options === true };
      const given = withSignal ? { ...plain, signal: this.#abort.signal } : options;
      this.#target.addEventListener(name, listener, given);
    }
  }
}

test('a tracker behaves as a bare event target does', () => {
  const programs = fc.array(fc.array(targetStep, { maxLength: 3 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(programs, fc.array(targetStep, { maxLength: 40 }), (script, program) => {
      const bare = new TargetWorld(new EventTarget() as Target, script);
      const target = new EventTarget();
      const tracker = trackListeners(target);
      const tracked = new TargetWorld(tracker as unknown as Target, script);
      for (const each of program) {
        bare.run(each);
        tracked.run(each);
        assert.deepEqual(tracked.log, bare.log);
      }
      tracker.dispose();
      const { length } = tracked.log;
      for (const type of [0, 1, 2]) target.dispatchEvent(new Event(`type${type}`));
      assert.equal(tracked.log.length, length, 'a listener is left');
    }),
    { numRuns: RUNS },
  );
});
