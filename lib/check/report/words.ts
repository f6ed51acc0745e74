/** The words and figures that all forms of the report share. */

import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LeakPattern, SourcePlace } from '../../heap/types';
import type { AllocationSite, CheckReport, Floor, Signal, SignalReport } from '../types';

/** What a reader takes a pattern for. */
export const PATTERNS: Record<LeakPattern, string> = {
  'unbounded-cache': 'unbounded cache',
  listeners: 'listeners never removed',
  closures: 'closures kept',
  timers: 'timers never cleared',
  promises: 'promises never settled',
  streams: 'streams not closed',
  requests: 'requests or responses kept',
  sockets: 'sockets kept',
  'module-arrays': 'array at the top of a module',
  native: 'memory outside the heap',
  strings: 'strings that hold bigger ones',
  instances: 'instances of a class',
  unknown: 'growth of no known pattern',
};

export const SIGNAL_NAMES: Record<Signal, string> = {
  heap: 'heap',
  external: 'buffers',
  native: 'native',
  descriptors: 'descriptors',
  handles: 'handles',
};

export const VERDICTS: Record<CheckReport['verdict'], string> = {
  healthy: 'no leak',
  leak: 'leak',
  unclear: 'could not judge',
};

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function bytes(value: number): string {
  const size = Math.abs(value);
  if (size < 1024) return `${Math.round(value)} B`;
  if (size < 1024 ** 2) return `${(value / 1024).toFixed(1)} KiB`;
  if (size < 1024 ** 3) return `${(value / 1024 ** 2).toFixed(2)} MiB`;
  return `${(value / 1024 ** 3).toFixed(2)} GiB`;
}

/** A value of a signal. */
export function amount(signal: Signal, value: number): string {
  return isBytes(signal) ? bytes(value) : count(value);
}

export function isBytes(signal: Signal): boolean {
  return signal !== 'descriptors' && signal !== 'handles';
}

/** `+247 B per request (179 to 309; 50 allowed)`. */
export function slope(signal: Signal, { slope: mid, low, high, budget }: SignalReport): string {
  if (!Number.isFinite(mid) || !Number.isFinite(low)) return 'too few rounds';
  const figure = (value: number): string =>
    isBytes(signal) ? bytes(value) : value.toFixed(Math.abs(value) < 0.1 ? 4 : 2);
  const sign = mid > 0 ? '+' : '';
  return `${sign}${figure(mid)} per request (95 %: ${figure(low)} to ${figure(high)}; ${figure(budget)} allowed)`;
}

/** The signals that are worth a line: what leaks, what is not level, and the heap. */
export function telling(signals: Record<Signal, SignalReport>): Signal[] {
  return (Object.keys(signals) as Signal[]).filter((name) => {
    const { course } = signals[name];
    return name === 'heap' || name === 'external' || course === 'growing';
  });
}

/** Functions whose allocations stay, where no finding says more: without snapshots there is none. */
export function allocated({ verdict, findings, allocations }: CheckReport): AllocationSite[] {
  return verdict === 'leak' && findings.length === 0 ? allocations.slice(0, 5) : [];
}

/** The columns of the table of rounds. */
export const COLUMNS: Array<[string, (floor: Floor, round: number) => string]> = [
  ['round', (_, round) => String(round)],
  ['requests', (floor) => count(floor.requests)],
  ['heap', (floor) => bytes(floor.heap)],
  ['buffers', (floor) => bytes(floor.external)],
  ['native', (floor) => bytes(floor.native)],
  ['descriptors', (floor) => count(floor.descriptors)],
  ['timers', (floor) => count(floor.timers)],
  ['sockets', (floor) => count(floor.sockets)],
  ['handles', (floor) => count(floor.handles)],
];

/** `src/server.ts:42`, relative to the working folder where it is in there. */
export function place({ file, line }: SourcePlace): string {
  return `${shorten(file)}:${line}`;
}

export function shorten(file: string): string {
  let path = file;
  try {
    path = file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
  if (!isAbsolute(path)) return path;
  const near = relative(process.cwd(), path);
  return near !== '' && !near.startsWith(`..${sep}`) && !isAbsolute(near) ? near : path;
}

/** What the load was, in one line. */
export function loadLine({ load, roundSize, seconds }: CheckReport): string {
  const { sent, cut, failed, statuses } = load;
  const parts = [`${count(sent)} requests in ${seconds.toFixed(0)} s`];
  if (roundSize > 0) parts.push(`${count(roundSize)} a round`);
  const others = Object.entries(statuses).filter(([status]) => !/^[23]/.test(status));
  for (const [status, times] of others) parts.push(`${count(times)} × ${status}`);
  if (cut > 0) parts.push(`${count(cut)} cut`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  return parts.join(', ');
}
