/**
 * The lines of findings. A snapshot says by which variable or property something is held and which functions made it, and
 * where those begin; the statement that adds to it, and the declaration, are found in the sources.
 */

import { readFile, stat } from 'node:fs/promises';
import type { HeapFinding, LeakPattern, SourcePlace } from '../types';
import {
  type Addition,
  type Declaration,
  type FunctionSpot,
  readSourceText,
  type Source,
  type Spot,
} from './source';

/** Bigger ones are bundles, in which a line says nothing. */
const MOST_BYTES = 2_000_000;
/** More than the findings that anybody reads have. */
const MOST_FILES = 60;

/** How each pattern gets more, in the order in which they are looked for. */
const ADDING: Record<LeakPattern, readonly string[]> = (() => {
  const collect = [
    'set',
    'add',
    'push',
    'unshift',
    '[]=',
    '+=',
    '??=',
    '||=',
    'append',
    'enqueue',
    'insert',
    'splice',
    '.=',
    '=',
  ];
  const listen = [
    ...[
      'on',
      'once',
      'addListener',
      'addEventListener',
      'prependListener',
      'prependOnceListener',
      '(once)',
      '(on)',
    ],
    ...['subscribe', 'listen', 'pipe', '(finished)', '(pipeline)', '(fetch)'],
  ];
  const timer = ['call', 'setInterval', 'setTimeout', 'setImmediate'];
  const wait = [
    '(race)',
    '(any)',
    '(all)',
    '(allSettled)',
    'then',
    'catch',
    'finally',
    'await',
    'race',
    'any',
  ];
  return {
    'unbounded-cache': collect,
    'module-arrays': collect,
    instances: collect,
    strings: ['+=', 'concat', ...collect],
    native: collect,
    unknown: collect,
    listeners: listen,
    closures: [...collect, ...listen],
    timers: [...timer, ...collect],
    promises: [...wait, ...collect, ...listen],
    streams: ['pipe', 'write', ...collect, ...listen],
    requests: collect,
    sockets: [...collect, ...listen],
  };
})();

/** Reads sources of findings, each once. */
export class Sources {
  readonly #read: (file: string) => Promise<string | undefined>;
  readonly #known = new Map<string, Promise<Source | undefined>>();

  /** @param read the text of a file, `undefined` where there is none. Without: from the file system. */
  constructor(read: (file: string) => Promise<string | undefined> = readFromDisk) {
    this.#read = read;
  }

  /** The source of a file, if it can be read. */
  source(file: string): Promise<Source | undefined> {
    let source = this.#known.get(file);
    if (source === undefined) {
      if (this.#known.size >= MOST_FILES) return Promise.resolve(undefined);
      source = this.#read(file).then(
        (text) => (text === undefined ? undefined : readSourceText(file, text)),
        () => undefined,
      );
      this.#known.set(file, source);
    }
    return source;
  }
}

async function readFromDisk(file: string): Promise<string | undefined> {
  const found = await stat(file);
  if (!found.isFile() || found.size > MOST_BYTES) return undefined;
  return readFile(file, 'utf8');
}

/** The finding with the lines that its sources tell, best first; as it is where they tell nothing. */
export async function locate(finding: HeapFinding, sources: Sources): Promise<HeapFinding> {
  const found: Array<{ place: SourcePlace; is: NonNullable<HeapFinding['placeIs']> }> = [];
  const names = heldBy(finding);
  const files = filesOf(finding);
  const looked: Source[] = [];
  for (const file of files) {
    const source = await sources.source(file);
    if (source !== undefined) looked.push(source);
  }
  const added = additionOf(finding, names, looked);
  if (added !== undefined) found.push({ place: added, is: 'added' });
  const declared = declarationOf(names, looked);
  if (declared !== undefined) found.push({ place: declared, is: 'declared' });
  if (found.length === 0) return finding;
  const isHere = ({ file, line }: SourcePlace) =>
    found.some(({ place }) => place.file === file && place.line === line);
  const places = [...found.map(({ place }) => place), ...finding.places.filter((place) => !isHere(place))];
  const [first] = found;
  return {
    ...finding,
    place: (first as (typeof found)[number]).place,
    placeIs: (first as (typeof found)[number]).is,
    places,
  };
}

/** The names by which what has grown is held, the nearest first; those of Node's own objects left out. */
function heldBy({ trace, pattern }: HeapFinding): string[] {
  const names: string[] = [];
  for (const step of trace) {
    if (step.name === undefined || step.kind === 'element' || step.kind === 'internal') continue;
    names.unshift(step.name.replace(/^#/, ''));
  }
  if (pattern === 'timers') names.push('setInterval', 'setTimeout', 'setImmediate');
  return names;
}

/** Files that may tell, the likeliest first. */
function filesOf({ file, places, trace }: HeapFinding): string[] {
  const all = [file, ...places.map((place) => place.file), ...trace.map((step) => step.place?.file)];
  const files = all.filter((one): one is string => one !== undefined && /^(?:\/|[A-Za-z]:[\\/])/.test(one));
  return [...new Set(files)];
}

/** What makes the things that hold themselves, so that nobody adds them to anything. */
const MAKING: Partial<Record<LeakPattern, RegExp>> = {
  sockets: /agent|socket|client|pool|connect|^(?:request|get|fetch)$/i,
  streams: /stream|^create(?:gzip|gunzip|deflate|inflate|brotli|unzip|zstd)|passthrough|transform/i,
};

/** The statement that adds to what is held. */
function additionOf(
  finding: HeapFinding,
  names: readonly string[],
  sources: readonly Source[],
): SourcePlace | undefined {
  let best: { score: number; place: SourcePlace } | undefined;
  for (const [rank, source] of sources.entries()) {
    // A package in which nothing is held only calls the program, or is called by it.
    const of = packageOf(source.file);
    if (of !== undefined && of !== packageOf(finding.file ?? '')) continue;
    const made = functionsAt(finding, source);
    for (const addition of source.additions) {
      const score = scoreOf(addition, finding.pattern, names, made);
      if (score === undefined || (best !== undefined && score - 10 * rank <= best.score)) continue;
      best = { score: score - 10 * rank, place: placeIn(source, addition, made) };
    }
  }
  return best?.place;
}

/** The folder of the package that a file is of; `undefined` for the program's own. */
function packageOf(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

/** Of what these keep the function says which it is. */
const BY_FUNCTION: ReadonlySet<LeakPattern> = new Set(['listeners', 'timers', 'closures', 'promises']);

/** How likely it is that a statement is meant; `undefined` where it cannot be. */
function scoreOf(
  addition: Addition,
  pattern: LeakPattern,
  names: readonly string[],
  made: readonly FunctionSpot[],
): number | undefined {
  const near = nearest(addition, names);
  // A timer, or a listener, is known by its function, where that is passed on.
  const passes = BY_FUNCTION.has(pattern) && (near !== undefined || !/^\.?=$/.test(addition.how));
  const holds = passes && made.some((one) => addition.start < one.start && one.end <= addition.end);
  const within = made.some((one) => one.start <= addition.start && addition.end <= one.end);
  const makes =
    /^(?:new|call)$/.test(addition.how) && MAKING[pattern]?.test(addition.names[0] ?? '') === true;
  const way = ADDING[pattern].indexOf(addition.how);
  if (makes && within) return 340;
  if (way < 0 || (near === undefined && !holds) || (addition.how === 'call' && near === undefined))
    return undefined;
  // The innermost of those around a function, and the nearest name by which it is held.
  const size = Math.min(50, (addition.end - addition.start) / 200);
  return (holds ? 300 - size : 0) + (within ? 150 : 0) + (near === undefined ? 0 : 200 - 40 * near) - way;
}

/** How far a name of an expression is from the nearest by which something is held, both together. */
function nearest({ names: given }: Addition, names: readonly string[]): number | undefined {
  let best: number | undefined;
  for (const [depth, name] of given.entries()) {
    const at = names.indexOf(name);
    if (at >= 0 && (best === undefined || at + depth < best)) best = at + depth;
  }
  return best;
}

/** The functions that a finding's places name: those that made it, and those that are kept. */
function functionsAt(finding: HeapFinding, source: Source): FunctionSpot[] {
  // What only holds it, or constructs it, does not add to it.
  const made = finding.placeIs === 'allocated' || finding.placeIs === 'function' ? finding.places : [];
  const places = [...made, finding.trace.at(-1)?.place];
  const here = places.filter((place): place is SourcePlace => place?.file === source.file);
  return source.functions.filter((one) =>
    // V8 counts from the parameters of a function, or from its first word.
    here.some(
      ({ line, column, function: name }) =>
        one.line === line && (Math.abs(one.column - column) <= 12 + (name?.length ?? 0) || one.name === name),
    ),
  );
}

/** Where it is declared. */
function declarationOf(names: readonly string[], sources: readonly Source[]): SourcePlace | undefined {
  for (const name of names) {
    for (const source of sources) {
      const found = source.declarations.filter((one) => one.name === name);
      // The outermost, as what is kept is.
      const [first] = found.sort((a, b) => rankOf(a) - rankOf(b));
      if (first !== undefined) return placeIn(source, first, []);
    }
  }
  return undefined;
}

function rankOf({ depth, property, line }: Declaration): number {
  return (property ? 1000 : depth) * 1_000_000 + line;
}

function placeIn(
  { file }: Source,
  { line, column, start, end }: Spot,
  functions: readonly FunctionSpot[],
): SourcePlace {
  const around = functions.filter((one) => one.start <= start && end <= one.end && one.name !== undefined);
  const name = around.at(-1)?.name;
  return { file, line, column, ...(name === undefined ? {} : { function: name }) };
}
