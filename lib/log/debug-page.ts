/** The page that a debug endpoint shows in a browser: one table, everything escaped, no script. */

import { createHash } from 'node:crypto';

const COLUMNS = ['at', 'method', 'url', 'route', 'status', 'duration', 'bytes', 'aborted', 'id'] as const;
const UNITS: Partial<Record<string, string>> = { duration: 'duration (ms)' };

const STYLE =
  'body{font:14px system-ui,sans-serif;margin:1rem}table{border-collapse:collapse}' +
  'td,th{border:1px solid #ccc;padding:2px 6px;text-align:left;vertical-align:top;word-break:break-all}';

/** Nothing may be loaded or run; the style is allowed by its hash. */
export const PAGE_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page up to its first row. */
export function pageHead(title: string): string {
  const cells = [...COLUMNS, 'more'].map((name) => `<th>${escapeHtml(UNITS[name] ?? name)}</th>`).join('');
  const safe = escapeHtml(title);
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${safe}</title><style>${STYLE}</style></head>` +
    `<body><h1>${safe}</h1><table><thead><tr>${cells}</tr></thead><tbody>\n`
  );
}

export const PAGE_END = '</tbody></table></body></html>\n';

/** One record, from its JSON, so that the page shows what the JSON would. */
export function pageRow(json: string): string {
  const value: unknown = JSON.parse(json);
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const record: Record<string, unknown> = isRecord ? { ...value } : {};
  const cells = COLUMNS.map((name) => {
    const cell = record[name];
    delete record[name];
    return `<td>${escapeHtml(name === 'at' ? timeOf(cell) : textOf(cell))}</td>`;
  });
  const rest = isRecord ? (Object.keys(record).length === 0 ? '' : JSON.stringify(record)) : json;
  return `<tr>${cells.join('')}<td>${escapeHtml(rest)}</td></tr>\n`;
}

function timeOf(at: unknown): string {
  return typeof at === 'number' && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : textOf(at);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
