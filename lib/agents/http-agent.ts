/** Counts the sockets and requests of an agent of `node:http` or `node:https`. */

import { originOfPool } from './origins';
import type { AgentLike, AgentOrigin } from './types';

// biome-ignore lint/suspicious/noExplicitAny: objects of any origin, of which some properties are looked at
type Any = any;

/** Whether it looks like an agent. */
export function isHttpAgent(it: unknown): it is AgentLike {
  const agent = it as Any;
  return (
    typeof agent === 'object' &&
    agent !== null &&
    isObject(agent.sockets) &&
    isObject(agent.freeSockets) &&
    isObject(agent.requests)
  );
}

function isObject(it: unknown): boolean {
  return typeof it === 'object' && it !== null;
}

/** What it holds, by origin. O(pools). */
export function originsOfHttpAgent(agent: Any, name: string): AgentOrigin[] {
  const protocol = agent.protocol === 'https:' ? 'https:' : 'http:';
  const limit = typeof agent.maxSockets === 'number' ? agent.maxSockets : undefined;
  const found = new Map<string, AgentOrigin>();
  const pools = new Map<string, AgentOrigin>();
  for (const field of ['sockets', 'freeSockets', 'requests'] as const) {
    const lists = agent[field];
    for (const pool of Object.keys(lists)) {
      const list: unknown = lists[pool];
      const count = Array.isArray(list) ? list.length : 0;
      if (count === 0) continue;
      let row = pools.get(pool);
      if (row === undefined) {
        const port = field === 'requests' ? undefined : (list as Any)[0]?.remotePort;
        const origin = originOfPool(protocol, pool, typeof port === 'number' ? port : undefined);
        row = found.get(origin);
        if (row === undefined) {
          row = { agent: name, origin, sockets: 0, free: 0, pending: 0, limit, pools: 0 };
          found.set(origin, row);
        }
        row.pools++;
        pools.set(pool, row);
      }
      if (field === 'sockets') row.sockets += count;
      else if (field === 'freeSockets') row.free += count;
      else row.pending += count;
    }
  }
  return [...found.values()];
}
