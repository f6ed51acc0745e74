/** Tables for the terminal and for Markdown from the same rows. */

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {string[]} columns The first is aligned to the left, as is one whose header starts with `<`.
 * @property {string[][]} rows
 */

/** @param {Table} table */
export function renderTable({ title, columns, rows }) {
  const headers = columns.map((column) => column.replace(/^</, ''));
  const left = columns.map((column, i) => i === 0 || column.startsWith('<'));
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((row) => row[i].length)));
  const line = (cells) =>
    cells
      .map((cell, i) => (left[i] ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [title, line(headers), rule, ...rows.map(line)].join('\n');
}

/** @param {Table} table */
export function renderMarkdown({ columns, rows }) {
  const headers = columns.map((column) => column.replace(/^</, ''));
  const rule = columns.map((column, i) => (i === 0 || column.startsWith('<') ? '---' : '---:'));
  return [headers, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A number with `digits` decimals and thousands separated; a dash when there is none. */
export function number(value, digits = 0) {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Nanoseconds: one decimal while it can still be told apart. */
export const nanos = (value) => number(value, value < 100 ? 1 : 0);

/** A ratio such as `1.35×`. */
export const times = (value) => (Number.isFinite(value) ? `${number(value, value < 100 ? 2 : 0)}×` : '–');

/** A spread as `low–high`. */
export const range = (value, format) => (value ? `${format(value.min)}–${format(value.max)}` : '–');
