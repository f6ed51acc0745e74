/** The options of scopes, and the checks of what they are given. */

import { MAX_DELAY } from '../cache/clock';
import { invalidArgument, invalidOption, outOfRange } from '../errors';
import { hasEnded, type Until } from '../lifetime/ending';
import { readFunction, readKnown, readName } from '../options';
import type { ScopeLeak } from './report';

/** Options of {@link createScope}. */
export interface ScopeOptions {
  /**
   * The scope ends when this does: a response, request, socket, stream, WebSocket, AbortSignal, or a tracker or another
   * scope of plateau. Without it somebody has to call `dispose()`.
   */
  until?: Until | undefined;
  /** Names the scope in {@link scopeReport}, warnings and errors. */
  name?: string | undefined;
  /**
   * Called for every leak of this scope, instead of a process warning per place in the program. Should it refer to the
   * scope itself, then the scope is never collected, and `scopeReport()` alone finds it.
   */
  onLeak?: ((leak: ScopeLeak) => void) | undefined;
  /**
   * Called when resources could not be released, with all that they threw. Without it `dispose()` rejects with the same
   * error, and there is a process warning (`PLATEAU_RELEASE_FAILED`) for each.
   */
  onError?: ((error: AggregateError) => void) | undefined;
}

/** What scopes made in the same way have in common. */
export interface ScopeSettings {
  readonly name: string | undefined;
  readonly onLeak: ((leak: ScopeLeak) => void) | undefined;
  readonly onError: ((error: AggregateError) => void) | undefined;
  /** For how long after the end work may go on, in milliseconds. */
  readonly grace: number;
  /** Whether tracked promises that outlive the scope by `grace` are reported. */
  readonly watched: boolean;
}

const KNOWN = ['until', 'name', 'onLeak', 'onError'] as const;
const NO_OPTIONS: ScopeSettings = {
  name: undefined,
  onLeak: undefined,
  onError: undefined,
  grace: 0,
  watched: false,
};

/** Checks the options of a scope. */
export function readScopeOptions(given: unknown): { settings: ScopeSettings; until: object | undefined } {
  if (given === undefined) return { settings: NO_OPTIONS, until: undefined };
  const options = readKnown(given, KNOWN);
  const { until } = options;
  if (until !== undefined) hasEnded(until);
  const settings: ScopeSettings = {
    name: readName(options.name),
    onLeak: readFunction('onLeak', options.onLeak),
    onError: readFunction('onError', options.onError),
    grace: 0,
    watched: false,
  };
  return { settings, until: until as object | undefined };
}

/** `a scope`, or `the scope "jobs"`. */
export function nameOf(settings: ScopeSettings): string {
  return settings.name === undefined ? 'a scope' : `the scope ${JSON.stringify(settings.name)}`;
}

/** The options of `requestScope`. */
export interface RequestScopeOptions {
  /**
   * For how long after the response a handler may go on, in milliseconds: what it adds to the scope meanwhile is
   * released at once and in silence, and only what comes later, or is pending still, is reported. 0 or more.
   * @default 1000
   */
  grace?: number | undefined;
  /** Called for every leak, instead of a process warning per place in the program. */
  onLeak?: ((leak: ScopeLeak) => void) | undefined;
  /** Called when resources of a request could not be released. Without it there is a process warning for each. */
  onError?: ((error: AggregateError) => void) | undefined;
}

/** Checks the options of `requestScope`, besides which there may be some of the framework's. */
export function readRequestScopeOptions(given: unknown, frameworks: readonly string[] = []): ScopeSettings {
  const known: readonly string[] = ['grace', 'onLeak', 'onError', ...frameworks];
  const options: Partial<Record<string, unknown>> = given === undefined ? {} : readKnown(given, known);
  return {
    name: undefined,
    onLeak: readFunction('onLeak', options.onLeak),
    onError: readFunction('onError', options.onError),
    grace: readGrace(options.grace),
    watched: true,
  };
}

function readGrace(value: unknown): number {
  if (value === undefined) return 1000;
  const accepted = `a number of milliseconds from 0 to ${MAX_DELAY}`;
  if (typeof value !== 'number') throw invalidOption('grace', accepted, value);
  if (!(value >= 0 && value <= MAX_DELAY)) throw outOfRange('grace', accepted, value);
  return value;
}

/** Checks the delay of a timer. Node takes negative ones for 1, and so are the outcomes of subtracting times. */
export function readDelay(value: unknown): void {
  if (value === undefined) return;
  const accepted = `a number of milliseconds, at most ${MAX_DELAY}`;
  if (typeof value !== 'number') throw invalidArgument('delay', accepted, value);
  if (!(value <= MAX_DELAY)) throw outOfRange('delay', accepted, value);
}

/** Checks the name of an event. */
export function readEvent(value: unknown): void {
  if (typeof value !== 'string' && typeof value !== 'symbol') {
    throw invalidArgument('event', 'a string or a symbol', value);
  }
}
