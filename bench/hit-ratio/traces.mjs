/** Reads the shared access traces and the table of reference hit ratios in their README. */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from '../harness/machine.mjs';

const TAB = 9;
const NEWLINE = 10;
const ZERO = 48;

export const traceFolder = resolve(process.env.PLATEAU_TRACES ?? join(root, '../shared/traces'));

export const hasTraces = () => existsSync(join(traceFolder, 'README.md'));

/**
 * The reference table: one object per line with `trace`, `size` (such as `1%`), `entries` and a hit ratio in
 * percent per policy.
 */
export function referenceTable() {
  const lines = readFileSync(join(traceFolder, 'README.md'), 'utf8').split('\n');
  const cells = (line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const start = lines.findIndex((line) => line.startsWith('| trace | size |'));
  if (start < 0) throw new Error(`no table of reference hit ratios in ${traceFolder}/README.md`);
  const columns = cells(lines[start]);
  const table = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const entry = Object.fromEntries(cells(line).map((cell, i) => [columns[i], cell]));
    const ratios = Object.fromEntries(columns.slice(3).map((policy) => [policy, Number(entry[policy])]));
    table.push({ trace: entry.trace, size: entry.size, entries: Number(entry.entries), ...ratios });
  }
  return table;
}

/** The number of requests per trace, from the README's first table. */
export function requestCounts() {
  const text = readFileSync(join(traceFolder, 'README.md'), 'utf8');
  const rows = text.matchAll(/^\| (\w[\w.]*) \| [^|]* \| ([\d,]+) \| [\d,]+ \|/gm);
  return Object.fromEntries([...rows].map(([, trace, count]) => [trace, Number(count.replaceAll(',', ''))]));
}

/** The requests of a trace: the number of each key, renumbered in order of first appearance. */
export function readTrace(trace) {
  const bytes = gunzipSync(readFileSync(join(traceFolder, `${trace}.txt.gz`)));
  const ids = new Uint32Array(countLines(bytes));
  let position = 0;
  for (let i = 0; i < ids.length; i++) {
    let id = 0;
    while (position < bytes.length && bytes[position] !== NEWLINE && bytes[position] !== TAB) {
      id = id * 10 + bytes[position++] - ZERO;
    }
    ids[i] = id;
    const end = bytes.indexOf(NEWLINE, position);
    position = end < 0 ? bytes.length : end + 1;
  }
  return ids;
}

/** The traces that say how large each object is. */
export const SIZED = ['twitter_cluster52', 'web_nasa_1995_08_01'];

/** The requests of such a trace, with the size of each. */
export function readSizes(trace) {
  const lines = gunzipSync(readFileSync(join(traceFolder, `${trace}.txt.gz`)))
    .toString('latin1')
    .trimEnd()
    .split('\n');
  return { ids: readTrace(trace), sizes: Uint32Array.from(lines, (line) => Number(line.split('\t')[1])) };
}

/** Bytes of all objects, each at its largest. */
export function bytesOf({ ids, sizes }) {
  const largest = [];
  for (let i = 0; i < ids.length; i++) largest[ids[i]] = Math.max(largest[ids[i]] ?? 0, sizes[i]);
  return largest.reduce((sum, size) => sum + size, 0);
}

function countLines(bytes) {
  let lines = bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? 1 : 0;
  for (const byte of bytes) if (byte === NEWLINE) lines++;
  return lines;
}
