/**
 * Where in the program something was done: the first frame of the stack that is neither plateau's nor Node's; where there
 * are only Node's, what Node does of itself.
 *
 * Taking one costs 2 to 3 µs, so whoever asks samples. It is kept as V8 gives it, and only shown (`show.ts`) with its
 * source map applied. See `docs/design/listeners.md`.
 */

/** One place in the program as it runs, before any source map. */
export interface CallSite {
  /** Equal for equal places. */
  readonly key: string;
  /** A path, the `file:` URL of an ES module, or a module of Node's; empty when there was no stack. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function the frame is in. */
  readonly caller: string | undefined;
  /** Where `file` is a dependency's: the next frame of the application itself. */
  readonly via: CallSite | undefined;
}

/** Frames looked at. An `emitter.on` of a stream has up to five of Node's own above it. */
const DEPTH = 12;
/** This package as one file, and any integration's that registered itself. */
const own = new Set<string>();

/** Frames of this file are plateau's own. */
export function hideFramesOf(file: string): void {
  own.add(file);
}

if (typeof __filename === 'string') hideFramesOf(__filename);

/** Whether a file is plateau's own. */
export function isOwn(file: string): boolean {
  return own.has(file);
}

/** What all frames being Node's, or none at all, gives. */
export const UNKNOWN_SITE: CallSite = {
  key: '',
  file: '',
  line: 0,
  column: 0,
  caller: undefined,
  via: undefined,
};

/** The share of the time that samples may take, all in all, and the time that it may take at once, in ms. */
const SHARE = 0.002;
const BURST = 10;

let credit = BURST;
let creditedAt = 0;

/** Takes call sites of what happens as often as the traffic wants. */
export class SiteSampler {
  #certain: number;

  /** `certain`: how many are taken whatever it costs, so that where little happens everything is known. */
  constructor(certain: number) {
    this.#certain = certain;
  }

  /**
   * As {@link captureSite}; `undefined` when call sites have taken more than their share of the time. A capture takes 3 µs
   * in a short function and 30 where a framework's optimised code is unwound.
   */
  capture(above: (...args: never[]) => unknown): CallSite | undefined {
    return this.#certain-- > 0 ? captureSite(above) : captureWithin(above);
  }
}

function captureWithin(above: (...args: never[]) => unknown): CallSite | undefined {
  const now = performance.now();
  credit = Math.min(BURST, credit + (now - creditedAt) * SHARE);
  creditedAt = now;
  if (credit <= 0) return undefined;
  const site = captureSite(above);
  // One that the system has interrupted for a while is no reason to look at none for half a minute.
  credit -= Math.min(BURST, performance.now() - now);
  return site;
}

/**
 * The place from which `above` was called, directly or through plateau and Node; `depth` frames are looked at.
 * Never throws: where stacks cannot be had, {@link UNKNOWN_SITE}.
 */
export function captureSite(above: (...args: never[]) => unknown, depth = DEPTH): CallSite {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = frames;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(holder, above);
    return siteOf(holder.stack as readonly NodeJS.CallSite[]);
  } catch {
    // Frozen intrinsics, or a runtime whose frames know less.
    return UNKNOWN_SITE;
  } finally {
    try {
      // biome-ignore lint/suspicious/noTsIgnore: `undefined` is what it usually was
      // @ts-ignore exactOptionalPropertyTypes of a user's configuration
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // Then they were not changed either.
    }
  }
}

function frames(_error: unknown, callSites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  return callSites;
}

function siteOf(stack: readonly NodeJS.CallSite[]): CallSite {
  let first: { frame: NodeJS.CallSite; file: string } | undefined;
  let nodes: { frame: NodeJS.CallSite; file: string } | undefined;
  for (const frame of stack) {
    const file = frame.getFileName() ?? frame.getEvalOrigin?.() ?? '';
    if (file === '' || own.has(file)) continue;
    if (isRuntime(file)) {
      // What makes emitters work is in every stack.
      if (!/\bevents\b|_events\b/.test(file)) nodes ??= { frame, file };
      continue;
    }
    if (!isDependency(file)) {
      const site = describeFrame(frame, file, undefined);
      return first === undefined ? site : describeFrame(first.frame, first.file, site);
    }
    first ??= { frame, file };
  }
  const found = first ?? nodes;
  return found === undefined ? UNKNOWN_SITE : describeFrame(found.frame, found.file, undefined);
}

/** Modules of Node or Bun, or Deno's extensions. */
export function isRuntime(file: string): boolean {
  return file.startsWith('node:') || file.startsWith('ext:');
}

/** Installed, not written. */
export function isDependency(file: string): boolean {
  return file.includes('/node_modules/') || file.includes('\\node_modules\\');
}

function describeFrame(frame: NodeJS.CallSite, file: string, via: CallSite | undefined): CallSite {
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  const key = via === undefined ? `${file}:${line}:${column}` : `${file}:${line}:${column}<${via.key}`;
  return { key, file, line, column, caller: frame.getFunctionName() ?? undefined, via };
}
