/** What of an agent is over its bound. */

import type { AgentFinding, AgentFindingCode, AgentOrigin, AgentSummary } from './types';

/** Per origin, except `origins`. */
export interface Bounds {
  sockets: number;
  free: number;
  pending: number;
  origins: number;
  pools: number;
}

/** Sockets in use from which it matters that they are not kept. */
const CHURN = 10;

/** At most one finding per code, about the worst origin. O(origins). */
export function findingsOf(
  summary: AgentSummary,
  origins: readonly AgentOrigin[],
  bounds: Bounds,
): AgentFinding[] {
  const findings: AgentFinding[] = [];
  const { agent } = summary;
  const check = (
    code: AgentFindingCode,
    bound: number,
    measure: (row: AgentOrigin) => number,
    say: (value: number, row: AgentOrigin) => string,
  ): void => {
    let worst: AgentOrigin | undefined;
    let count = 0;
    for (const row of origins) {
      if (measure(row) <= bound) continue;
      count++;
      if (worst === undefined || measure(row) > measure(worst)) worst = row;
    }
    if (worst === undefined) return;
    const value = measure(worst);
    const others = count > 1 ? ` (and ${count - 1} more origins)` : '';
    const message = `${agent}: ${say(value, worst)} ${worst.origin}${others}`;
    findings.push({ code, agent, origin: worst.origin, value, bound, count, message });
  };
  check(
    'sockets',
    bounds.sockets,
    (row) => row.sockets,
    (value, row) =>
      `${value} sockets in use, over ${bounds.sockets}${row.limit === Number.POSITIVE_INFINITY ? ', and the agent has no limit' : ''}: to`,
  );
  check(
    'free',
    bounds.free,
    (row) => row.free,
    (value) => `${value} free sockets, over ${bounds.free}: to`,
  );
  check(
    'pending',
    bounds.pending,
    (row) => row.pending,
    (value) => `${value} requests wait for a socket, over ${bounds.pending}: to`,
  );
  check(
    'pools',
    bounds.pools,
    (row) => row.pools,
    (value) => `${value} pools, over ${bounds.pools}, which differ in their TLS options or address: to`,
  );
  check(
    'unbounded',
    bounds.sockets / 2,
    // Over the bound it is said already.
    (row) => (row.limit === Number.POSITIVE_INFINITY && row.sockets <= bounds.sockets ? row.sockets : 0),
    (value) => `no limit on sockets, and ${value} in use: to`,
  );
  if (summary.keepAlive === false) {
    check(
      'keep-alive-off',
      CHURN - 1,
      (row) => row.sockets,
      (value) => `sockets are not kept for the next request, and ${value} are in use: to`,
    );
  }
  if (origins.length > bounds.origins) {
    const value = origins.length;
    const message = `${agent}: ${value} origins, over ${bounds.origins}`;
    findings.push({
      ...{ code: 'origins' as const, agent, origin: undefined },
      ...({ value, bound: bounds.origins, count: value, message } satisfies Partial<AgentFinding>),
    });
  }
  return findings;
}
