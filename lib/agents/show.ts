/** An agents' report as text. */

import type { AgentsReport } from './types';

/** Origins shown; there may be thousands. */
const SHOWN = 20;

/** A table of the busiest origins, and what was found. */
export function showReport(report: AgentsReport): string {
  const { totals, origins, agents, findings } = report;
  const head = ['agent', 'origin', 'sockets', 'free', 'pending', 'limit'];
  const rows = origins
    .slice(0, SHOWN)
    .map((row) => [
      ...[row.agent, row.origin, String(row.sockets), String(row.free), String(row.pending)],
      row.limit === undefined ? '?' : row.limit === Number.POSITIVE_INFINITY ? 'none' : String(row.limit),
    ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[]): string =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd();
  const lines = [
    `${totals.agents} agents, ${totals.origins} origins: ${totals.sockets} sockets in use, ${totals.free} free, ${totals.pending} requests waiting`,
  ];
  if (rows.length > 0) lines.push(line(head), ...rows.map(line));
  if (origins.length > SHOWN) lines.push(`… and ${origins.length - SHOWN} more origins`);
  for (const { agent, unknown } of agents) {
    if (unknown) lines.push(`${agent}: of a version whose connections cannot be counted`);
  }
  for (const { message } of findings) lines.push(`! ${message}`);
  return lines.join('\n');
}
