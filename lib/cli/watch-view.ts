/** The dashboard as text, for a terminal. Nothing that the watched program says reaches the terminal as a control code. */

/// <reference path="./asciichart.d.ts" />
import asciichart from 'asciichart';
import { amount, bytes, clock, count, duration, milliseconds, percent } from '../dashboard/format';
import type { DashboardState } from '../dashboard/types';
import { type Tone, verdictTone, verdictWords } from '../dashboard/words';
import { alignColumns } from '../text';

/** The floor and what is used, at one moment. */
export interface HeapPoint {
  floor: number;
  used: number;
}

export interface ViewOptions {
  columns: number;
  rows: number;
  color: boolean;
}

const ESCAPE = '\u001b[';
const CODES: Record<Tone | 'bold' | 'quiet', string> = {
  good: '32',
  warn: '33',
  bad: '31',
  '': '0',
  bold: '1',
  quiet: '2',
};
const RESET = `${ESCAPE}0m`;
const CHART_ROWS = 10;
/** Of a chart, what its axis takes. */
const AXIS = 14;
const LEAST_CHART = 20;
const MOST_ROWS = 5;
const MOST_TEXT = 60;

/** A screen, no taller and no wider than the terminal. */
export function screen(state: DashboardState, points: readonly HeapPoint[], options: ViewOptions): string {
  const ink = (name: keyof typeof CODES, text: string) =>
    options.color ? `${ESCAPE}${CODES[name]}m${text}${RESET}` : text;
  const { verdict, process } = state;
  const where = process.thread === 0 ? '' : `, worker ${process.thread}`;
  const title = state.title === undefined ? '' : `${plain(state.title)}: `;
  const lines = [
    ink(
      'bold',
      cut(
        `${title}process ${process.pid}${where}, up ${duration(process.uptime)}, ${clock(state.at)}`,
        options,
      ),
    ),
    ink(verdictTone(verdict), cut(verdictWords(verdict), options)),
    ...wrap(plain(verdict.evidence), options.columns),
    ...(verdict.next === '' ? [] : wrap(`Next: ${plain(verdict.next)}`, options.columns)),
    '',
    ...chart(points, options),
    ...figures(state).flatMap((line) => wrap(line, options.columns)),
    ...section('caches', ink, cacheRows(state), options),
    ...section('listeners', ink, listenerRows(state), options),
    ...(state.isolates.length > 1 ? section('isolates', ink, isolateRows(state), options) : []),
  ];
  return lines.slice(0, Math.max(1, options.rows - 1)).join('\n');
}

/** One line, for a log. */
export function line(state: DashboardState): string {
  const { verdict, sample } = state;
  const figures =
    sample === null
      ? ''
      : `, floor ${bytes(sample.heap.floor)}, used ${bytes(sample.heap.used)}, RSS ${bytes(sample.process.rss)}, ` +
        `collecting ${percent(sample.gc.share)}, loop delay ${milliseconds(sample.loop.delay)}`;
  return `${new Date(state.at).toISOString()} ${verdictWords(verdict)}${growth(state)}${figures}`;
}

function growth({ verdict: { place, perSecond, perRequest } }: DashboardState): string {
  if (!perSecond) return '';
  const request = perRequest ? `, ${amount(place, perRequest.value)} per request` : '';
  return ` ${amount(place, perSecond.value)} per second${request}`;
}

function figures({ verdict, sample }: DashboardState): string[] {
  if (sample === null) return [];
  const { heap, external, native, process, gc, loop, requests, cgroup } = sample;
  const limits = [`heap limit ${bytes(heap.limit)}`];
  if (verdict.secondsToHeapLimit !== undefined) limits.push(`in ${duration(verdict.secondsToHeapLimit)}`);
  if (cgroup) limits.push(`container ${bytes(cgroup.used)} of ${bytes(cgroup.limit)}`);
  if (verdict.secondsToCgroupLimit !== undefined) limits.push(`in ${duration(verdict.secondsToCgroupLimit)}`);
  const memory = `heap ${bytes(heap.used)} (floor ${bytes(heap.floor)}), buffers ${bytes(external.bytes)}, native ${bytes(native.bytes)}`;
  return [
    `${memory}, RSS ${bytes(process.rss)}; ${limits.join(' ')}`,
    `collecting ${percent(gc.share)}, loop delay ${milliseconds(loop.delay)}, ${count(requests.rate)} requests/s, ` +
      `${count(process.descriptors)} descriptors`,
  ];
}

function chart(points: readonly HeapPoint[], { columns, rows, color }: ViewOptions): string[] {
  const width = columns - AXIS;
  const height = Math.min(CHART_ROWS, rows - 16);
  if (points.length < 2 || width < LEAST_CHART || height < 3) return [];
  // A column each, of the newest; of fewer points some get several, so that the chart is as wide as it is next time.
  const shown = points.slice(-width);
  const series = [shown.map(({ used }) => used), shown.map(({ floor }) => floor)];
  const drawn = asciichart.plot(series, {
    height,
    min: 0,
    offset: 2,
    colors: color ? [`${ESCAPE}34m`, `${ESCAPE}91m`] : [],
    format: (value) => bytes(value).padStart(10),
  });
  return [
    ...drawn.split('\n'),
    `${' '.repeat(AXIS - 2)}used, and under it the floor after major collections`,
    '',
  ];
}

type Rows = { left: boolean[]; head: string[]; rows: string[][] };

function section(
  name: string,
  ink: (name: 'bold' | 'quiet', text: string) => string,
  { left, head, rows }: Rows,
  options: ViewOptions,
): string[] {
  if (rows.length === 0) return [];
  const [first = '', ...rest] = alignColumns([head, ...rows.slice(0, MOST_ROWS)], left).map((text) =>
    cut(text, options),
  );
  const more = rows.length > MOST_ROWS ? [`and ${rows.length - MOST_ROWS} more`] : [];
  return ['', ink('bold', name), ink('quiet', first), ...rest, ...more];
}

function cacheRows({ caches }: DashboardState): Rows {
  return {
    left: [true, false, false, false],
    head: ['name', 'hit ratio', 'entries', 'bytes'],
    rows: caches.map(({ name, shared, hits, misses, hitRatio, entries, maxEntries, bytes: held }) => [
      plain(shared ? `${name} (shared)` : name, MOST_TEXT),
      hits + misses === 0 ? '–' : percent(hitRatio),
      maxEntries === null ? count(entries) : `${count(entries)}/${count(maxEntries)}`,
      held === 0 ? '–' : bytes(held),
    ]),
  };
}

function listenerRows({ listeners }: DashboardState): Rows {
  return {
    left: [true, true, false, true],
    head: ['call site', 'event', 'live', 'verdict'],
    rows: listeners.map(({ site, event, live, verdict }) => [
      plain(site, MOST_TEXT),
      plain(event, MOST_TEXT),
      count(live),
      plain(verdict),
    ]),
  };
}

function isolateRows({ isolates }: DashboardState): Rows {
  return {
    left: [false, false, true, false, false],
    head: ['process', 'thread', 'verdict', 'floor', 'RSS'],
    rows: isolates.map(({ pid, thread, verdict, place, floor, rss }) => [
      String(pid),
      thread === 0 ? 'main' : String(thread),
      plain(place === undefined ? verdict : `${verdict} (${place})`),
      bytes(floor),
      bytes(rss),
    ]),
  };
}

/** Text of the watched program, without anything that a terminal would obey or that turns the direction of reading. */
function plain(text: unknown, most = 1000): string {
  const safe = String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');
  return safe.length > most ? `${safe.slice(0, most - 1)}…` : safe;
}

function cut(text: string, { columns }: ViewOptions): string {
  return text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current]
    .filter((each) => each !== '')
    .map((each) => cut(each, { columns, rows: 0, color: false }));
}
