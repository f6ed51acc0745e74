/** Growth profiles as plain objects that also print as a table. */

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { CallSite } from '../sites/call-site';
import { originalOf, showSite } from '../sites/show';
import { alignColumns, formatBytes } from '../text';
import type { ReadProfileOptions } from './options';
import type { RawFrame } from './sampling';
import { kindOf, type Survivors } from './survivors';
import type { GrowthFrame, GrowthFrameKind, GrowthProfile, GrowthStack } from './types';

const MOST_FRAMES = 48;
const MOST_CALLEES = 8;
/** Names and files come from the program: no longer than that in the text. */
const MOST_NAME = 120;
/** Stacks whose frames are printed, and frames of each. */
const PRINTED_STACKS = 5;
const PRINTED_FRAMES = 12;
/** Growth of buffers and the like that is told of. */
const MUCH_EXTERNAL = 4 * 1024 * 1024;
const MUCH_HEAP = 1024 * 1024;

/** What was found, before it is told. */
export interface Found
  extends Pick<
    GrowthProfile,
    'duration' | 'window' | 'requests' | 'collected' | 'heap' | 'external' | 'pause'
  > {
  survivors: Survivors[];
}

export function reportOf({ survivors, ...found }: Found, options: ReadProfileOptions): GrowthProfile {
  const rank = ({ verdict }: Survivors): number => (verdict === 'growing' ? 0 : 1);
  const sorted = survivors.toSorted((a, b) => rank(a) - rank(b) || b.bytes - a.bytes);
  const bytes = sumOf(sorted);
  const rates = (part: number) => ({
    perSecond: (part * 1000) / found.window,
    perRequest: found.requests > 0 ? part / found.requests : undefined,
  });
  const shown = sorted.slice(0, options.limit);
  const stacks = shown.map(({ frames, stacks: different, callees, bytes: part, samples, verdict }) => {
    const told = frames.slice(0, MOST_FRAMES).map(frameOf);
    return {
      ...placeOf(told),
      ...{
        verdict,
        bytes: part,
        share: bytes > 0 ? part / bytes : 0,
        ...rates(part),
        samples,
        stacks: different,
        frames: told,
      },
      callees: callees.slice(0, MOST_CALLEES).map(frameOf),
    };
  });
  const profile: GrowthProfile = {
    schema: 1,
    duration: found.duration,
    window: found.window,
    interval: options.interval,
    requests: found.requests,
    bytes,
    ...rates(bytes),
    stacks,
    others: { stacks: sorted.length - shown.length, bytes: sumOf(sorted.slice(shown.length)) },
    collected: found.collected,
    heap: found.heap,
    external: found.external,
    pause: found.pause,
    notes: [],
  };
  profile.notes.push(...notesOn(profile));
  return printable(profile);
}

/** Lets a profile print as a table, also one that has been sent as JSON. */
export function printable(profile: GrowthProfile): GrowthProfile {
  // Not enumerable, so that the profile stays plain data: for JSON, for comparison.
  const text = { value: () => formatProfile(profile), configurable: true, writable: true };
  return Object.defineProperties(profile, { toString: text, [inspect.custom]: text });
}

function sumOf(stacks: readonly Survivors[]): number {
  return stacks.reduce((sum, { bytes }) => sum + bytes, 0);
}

function frameOf({ functionName, scriptId, url, lineNumber, columnNumber }: RawFrame): GrowthFrame {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const raw = { file: url, line: lineNumber + 1, column: columnNumber + 1 };
  const kind = kindOf(url, scriptId);
  const { file, line, column } = kind === 'program' || kind === 'dependency' ? originalOf(siteOf(raw)) : raw;
  // A bundle has its dependencies in it: only its map tells.
  return {
    function: name,
    file: pathOf(file),
    line,
    column,
    kind: kind === 'program' ? kindOf(file, scriptId) : kind,
  };
}

function pathOf(file: string): string {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}

function siteOf({ file, line, column }: Pick<CallSite, 'file' | 'line' | 'column'>): CallSite {
  return { key: '', file, line, column, caller: undefined, via: undefined };
}

const NEAREST: readonly GrowthFrameKind[] = ['program', 'dependency', 'node'];

function placeOf(
  frames: GrowthFrame[],
): Pick<GrowthStack, 'place' | 'function' | 'file' | 'line' | 'column'> {
  for (const kind of NEAREST) {
    const found = frames.find((frame) => frame.kind === kind && frame.file !== '');
    if (found === undefined) continue;
    const { function: name, file, line, column } = found;
    return { place: `${shown(file)}:${line}`, function: name, file, line, column };
  }
  return { place: '(V8)', function: frames[0]?.function ?? '', file: '', line: 0, column: 0 };
}

/** Relative to the working folder. Without a map: it has been applied. */
function shown(file: string): string {
  return showSite(siteOf({ file, line: 0, column: 0 })).replace(/:0$/, '');
}

function notesOn(profile: GrowthProfile): string[] {
  const { stacks, heap, external, collected, bytes, window, duration } = profile;
  const notes: string[] = [];
  if (!collected) {
    notes.push(
      'V8 made no whole collection since the window: some of this may be garbage. Profile for longer, or with gc.',
    );
  }
  const growing = stacks.filter(({ verdict }) => verdict === 'growing');
  const grows = growing.reduce((sum, stack) => sum + stack.bytes, 0);
  if (growing.length === 0) {
    notes.push(
      bytes === 0
        ? 'Nothing that was sampled has survived.'
        : 'No stack grows steadily, as far as the samples tell. A longer duration, or a smaller interval, sees smaller leaks.',
    );
  }
  const net = heap.before === undefined ? undefined : heap.after - heap.before;
  // A leak of the window goes on in the other half.
  const expected = (grows * duration) / window;
  if (net !== undefined && expected > MUCH_HEAP && net < expected / 4) {
    notes.push(
      `The heap as a whole grew by only ${formatBytes(Math.max(0, net))}: what survived replaces what was there before, as in a cache that is full. Profile for longer than its entries live.`,
    );
  }
  const outside = external.after - external.before;
  if (outside > MUCH_EXTERNAL) {
    notes.push(
      `Memory outside the heap (buffers) grew by ${formatBytes(outside)}: who allocated that, samples do not tell, only the small objects that keep it.`,
    );
  }
  return notes;
}

function formatProfile(profile: GrowthProfile): string {
  const { duration, window, bytes, perSecond, perRequest, requests, stacks, others, notes } = profile;
  const each =
    perRequest === undefined ? '' : `, ${formatBytes(perRequest)} per request (${count(requests)})`;
  const head = `In ${seconds(duration)}, about ${formatBytes(bytes)} of what the first ${seconds(window)} allocated survived: ${formatBytes(perSecond)} per second${each}`;
  if (stacks.length === 0) return [head, ...notes].join('\n');
  const lines = [
    [
      '',
      'survived',
      'share',
      'per second',
      ...(perRequest === undefined ? [] : ['per request']),
      'samples',
      '',
      'place',
    ],
    ...stacks.map((stack, i) => [
      String(i + 1),
      formatBytes(stack.bytes),
      `${Math.round(stack.share * 100)} %`,
      formatBytes(stack.perSecond),
      ...(stack.perRequest === undefined ? [] : [formatBytes(stack.perRequest)]),
      count(stack.samples),
      stack.verdict,
      `${clip(stack.place)} ${clip(stack.function)}`,
    ]),
  ];
  const left = (lines[0] as string[]).map((_, column, { length }) => column >= length - 2);
  const table = alignColumns(lines, left);
  if (others.stacks > 0) table.push(`(${count(others.stacks)} others: ${formatBytes(others.bytes)})`);
  const traces = stacks.slice(0, PRINTED_STACKS).flatMap((stack, i) => ['', ...traceOf(stack, i + 1)]);
  return [head, '', ...table, ...traces, '', 'A line is where its function begins.', ...notes].join('\n');
}

function traceOf({ frames, callees, stacks }: GrowthStack, number: number): string[] {
  const inlined = callees.map((frame) => `   (or ${showFrame(frame)}, if V8 has compiled it into that)`);
  const lines = frames.slice(0, PRINTED_FRAMES).map((frame) => `   at ${showFrame(frame)}`);
  const more = frames.length - lines.length;
  const rest = more > 0 ? [`   … ${more} more`] : [];
  return [
    `${number}.${stacks > 1 ? ` The most of ${count(stacks)} stacks:` : ''}`,
    ...lines,
    ...rest,
    ...inlined,
  ];
}

function showFrame({ function: name, file, line, kind }: GrowthFrame): string {
  const where = file === '' ? '' : ` (${clip(kind === 'node' ? file : shown(file))}:${line})`;
  return `${clip(name)}${where}${kind === 'program' ? '' : `  [${kind}]`}`;
}

/** Without control characters, which a terminal would obey. */
function clip(text: string): string {
  const plain = JSON.stringify(text).slice(1, -1);
  return plain.length > MOST_NAME ? `…${plain.slice(-MOST_NAME)}` : plain;
}

/** To a tenth. */
function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
