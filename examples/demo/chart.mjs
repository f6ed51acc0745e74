/** The two memory curves in a terminal. */

import asciichart from 'asciichart';
import { mib } from './words.mjs';

/** @typedef {import('./result.mjs').Result} Result */
/** @typedef {import('./result.mjs').Sample} Sample */

const MIB = 2 ** 20;
/** Rows, and how many of them from one label to the next. */
const HEIGHT = 12;
const LABEL_EVERY = 3;
const MOST_COLUMNS = 110;
const LABEL_COLUMNS = 8;
/** The label, a space, and the axis: where asciichart starts to draw. */
const MARGIN = LABEL_COLUMNS + 2;
const LEAST_PLOT = 16;

/**
 * @param {Result} result
 * @param {{ columns: number, color: boolean }} terminal
 */
export function drawChart({ apps, warmUpSeconds }, { columns, color }) {
  const series = [
    { name: 'leaking', ...apps.leaking, ink: color ? asciichart.lightred : undefined },
    { name: 'fixed', ...apps.fixed, ink: color ? asciichart.lightcyan : undefined },
  ].map((one) => ({ ...one, label: ` ${one.name} ${mib(one.floorEnd)}` }));
  const labels = Math.max(...series.map(({ label }) => label.length));
  const plotColumns = Math.max(LEAST_PLOT, Math.min(columns, MOST_COLUMNS) - MARGIN - labels);
  const end = apps.leaking.samples[apps.leaking.samples.length - 1].seconds;
  const top = niceCeiling(
    Math.max(...series.flatMap(({ samples }) => samples.map(({ floor }) => floor))) / MIB,
  );

  const lines = asciichart
    .plot(
      series.map(({ samples }) => resample(samples, plotColumns, end)),
      {
        min: 0,
        max: top,
        height: HEIGHT,
        colors: series.map(({ ink }) => ink),
        format: (/** @type {number} */ value, /** @type {number} */ row) =>
          (row % LABEL_EVERY === 0 ? `${value.toFixed(0)} MiB` : '').padStart(LABEL_COLUMNS),
      },
    )
    .split('\n');

  // Labelled where they end, so that it needs no colours to tell them apart.
  const rows = series.map(({ floorEnd }) => HEIGHT - Math.round((floorEnd / MIB / top) * HEIGHT));
  if (rows[0] === rows[1]) rows[rows[0] === 0 ? 1 : 0] += rows[0] === 0 ? 1 : -1;
  for (const [i, { label, ink }] of series.entries()) {
    lines[rows[i]] = pad(lines[rows[i]], MARGIN + plotColumns) + asciichart.colored(label, ink);
  }
  return ['floor (heap after GC)', ...lines, ...timeAxis(plotColumns, end, warmUpSeconds)].join('\n');
}

/**
 * @param {number} columns
 * @param {number} end
 * @param {number} warmUpSeconds
 */
function timeAxis(columns, end, warmUpSeconds) {
  const column = (/** @type {number} */ seconds) => Math.round((seconds / end) * (columns - 1));
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((step) => column(step) >= 10) ?? 300;
  let axis = '';
  let labels = '';
  for (let seconds = 0; seconds <= end; seconds += step) {
    axis = `${axis.padEnd(column(seconds), '─')}┴`;
    labels = `${labels.padEnd(column(seconds))}${seconds} s`;
  }
  const margin = ' '.repeat(MARGIN - 1);
  const mark = '▲ caches full, measured from here';
  const lines = [`${margin}└${axis.padEnd(columns, '─')}`, `${margin} ${labels}`];
  if (column(warmUpSeconds) + mark.length <= columns) {
    lines.push(`${margin} ${' '.repeat(column(warmUpSeconds))}${mark}`);
  }
  return lines;
}

/**
 * One value in MiB per column, on straight lines between the samples.
 *
 * @param {readonly Sample[]} samples
 * @param {number} columns
 * @param {number} end
 */
function resample(samples, columns, end) {
  return Array.from({ length: columns }, (_, column) => {
    const seconds = (column / (columns - 1)) * end;
    const next = samples.findIndex((sample) => sample.seconds >= seconds);
    const b = samples[next === -1 ? samples.length - 1 : next];
    const a = samples[next === -1 ? samples.length - 1 : Math.max(0, next - 1)];
    const share = a === b ? 0 : (seconds - a.seconds) / (b.seconds - a.seconds);
    return (a.floor + (b.floor - a.floor) * share) / MIB;
  });
}

/** The next number that an axis may end with: one whose quarters are round. @param {number} value */
function niceCeiling(value) {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return (
    magnitude * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((step) => step * magnitude >= value) ?? 10)
  );
}

/** Pads by what is visible. @param {string} line @param {number} columns */
function pad(line, columns) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return line + ' '.repeat(Math.max(0, columns - line.replace(/\x1b\[\d+m/g, '').length));
}
