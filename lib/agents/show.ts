/** An agents' report as text. */

import { alignColumns } from '../text';
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
  const lines = [
    `${totals.agents} agents, ${totals.origins} origins: ${totals.sockets} sockets in use, ${totals.free} free, ${totals.pending} requests waiting`,
  ];
  if (rows.length > 0) lines.push(...alignColumns([head, ...rows], [true, true, false, false, false, false]));
  if (origins.length > SHOWN) lines.push(`… and ${origins.length - SHOWN} more origins`);
  for (const { agent, unknown } of agents) {
    if (unknown) lines.push(`${agent}: of a version whose connections cannot be counted`);
  }
  for (const { message } of findings) lines.push(`! ${message}`);
  return lines.join('\n');
}
