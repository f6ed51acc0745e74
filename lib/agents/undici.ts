/**
 * Counts the connections and requests of an undici dispatcher: Node's own `fetch` has one.
 *
 * A Pool says how it is (`stats`), and so do newer Clients. All else, such as what an Agent holds, is behind
 * symbols, which are found by their description. Where those differ the answer is "unknown", never an error.
 */

import { originOfUrl, UNKNOWN_ORIGIN } from './origins';
import type { AgentOrigin } from './types';

// biome-ignore lint/suspicious/noExplicitAny: objects of any origin, of which some properties are looked at
type Any = any;

/** Of requests that wait for whichever origin is free first. */
const ANY_ORIGIN = '(any)';
/** An EnvHttpProxyAgent holds a ProxyAgent, that an Agent, that Pools, and those Clients. */
const MAX_DEPTH = 5;

/** Those of `fetch`. Newer versions of undici have the second, and the first then only wraps it or is the same. */
export function globalDispatchers(): object[] {
  const found = ['undici.globalDispatcher.2', 'undici.globalDispatcher.1']
    .map((name): unknown => read(globalThis, Symbol.for(name)))
    .filter((it): it is object => isDispatcher(it));
  const unique = [...new Set(found)];
  return unique.length > 1 ? unique.filter((it, i) => i === 0 || recognised(it)) : unique;
}

/** Whether it looks like a dispatcher. */
export function isDispatcher(it: unknown): boolean {
  return typeof it === 'object' && it !== null && typeof read(it, 'dispatch') === 'function';
}

/** What it holds, by origin, and whether it could be looked into. O(pools). */
export function originsOfDispatcher(
  dispatcher: object,
  name: string,
): { origins: AgentOrigin[]; unknown: boolean } {
  const found = new Map<string, AgentOrigin>();
  const seen = new Set<unknown>();

  /** Whether anything was recognised. */
  function visit(it: Any, depth: number, key?: unknown): boolean {
    if (depth > MAX_DEPTH || !isDispatcher(it)) return false;
    if (seen.has(it)) return true;
    seen.add(it);
    const clients = bySymbol(it, 'clients');
    const url = bySymbol(it, 'url');
    if (clients instanceof Map) {
      // An Agent. Its values were WeakRefs and Pools, and have been Pools with a count.
      let all = true;
      for (const [origin, value] of clients) {
        const held = value instanceof WeakRef ? value.deref() : (read(value, 'dispatcher') ?? value);
        if (held !== undefined && !visit(held, depth + 1, origin)) all = false;
      }
      return all;
    }
    // A BalancedPool has Pools, each with its own URL.
    if (Array.isArray(clients) && url === undefined && clients.every(isDispatcher)) {
      const all = clients.map((pool) => visit(pool, depth + 1, key)).every(Boolean);
      // It has a queue of its own, from which any of them takes the next request.
      const queued = read(read(it, 'stats'), 'queued') ?? bySymbol(it, 'queued');
      if (typeof queued === 'number' && queued > 0) {
        const only = clients.length === 1 ? read(bySymbol(clients[0], 'url'), 'origin') : undefined;
        const origin = only === undefined ? ANY_ORIGIN : originOfUrl(only);
        add(origin, { sockets: 0, free: 0, pending: queued, limit: undefined }, 0);
      }
      return all;
    }
    const counts = countsOf(it);
    if (counts !== undefined) {
      const fromUrl = originOfUrl(read(url, 'origin') ?? key);
      add(fromUrl === UNKNOWN_ORIGIN ? originOfUrl(key) : fromUrl, counts);
      return true;
    }
    // One that wraps another, such as a ProxyAgent.
    const inner = symbolsOf(it)
      .filter((symbol) => /agent|client|dispatcher/i.test(symbol.description ?? ''))
      .map((symbol) => read(it, symbol))
      .filter(isDispatcher);
    return inner.length > 0 && inner.map((each) => visit(each, depth + 1)).every(Boolean);
  }

  function add(origin: string, counts: Counts, pools = 1): void {
    let row = found.get(origin);
    if (row === undefined) {
      row = { agent: name, origin, sockets: 0, free: 0, pending: 0, limit: counts.limit, pools: 0 };
      found.set(origin, row);
    }
    row.sockets += counts.sockets;
    row.free += counts.free;
    row.pending += counts.pending;
    row.pools += pools;
  }

  const known = visit(dispatcher, 0);
  return { origins: [...found.values()], unknown: !known };
}

interface Counts {
  sockets: number;
  free: number;
  pending: number;
  limit: number | undefined;
}

/** Of a Pool or a Client. */
function countsOf(it: Any): Counts | undefined {
  const stats = read(it, 'stats');
  const connected = read(stats, 'connected') ?? bySymbol(it, 'connected');
  const pending = read(stats, 'pending') ?? bySymbol(it, 'pending');
  if (typeof pending !== 'number') return undefined;
  if (typeof connected === 'number') {
    const free = Number(read(stats, 'free') ?? bySymbol(it, 'free') ?? 0);
    const limit = bySymbol(it, 'connections');
    return {
      sockets: Math.max(0, connected - free),
      free,
      pending,
      limit: typeof limit === 'number' ? limit : limit === null ? Number.POSITIVE_INFINITY : undefined,
    };
  }
  if (typeof connected === 'boolean') {
    const busy = Number(read(stats, 'size') ?? bySymbol(it, 'size') ?? 0) > 0;
    return { sockets: connected && busy ? 1 : 0, free: connected && !busy ? 1 : 0, pending, limit: 1 };
  }
  return undefined;
}

function recognised(it: object): boolean {
  return !originsOfDispatcher(it, '').unknown;
}

/** A property behind a symbol of this description, of the object itself or of its class. */
function bySymbol(it: Any, description: string): unknown {
  for (let at: unknown = it; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of symbolsOf(at)) {
      if (symbol.description === description) return read(it, symbol);
    }
  }
  return undefined;
}

function symbolsOf(it: object): symbol[] {
  try {
    return Object.getOwnPropertySymbols(it);
  } catch {
    return [];
  }
}

function read(it: unknown, key: PropertyKey): unknown {
  try {
    return (it as Any)?.[key];
  } catch {
    // A getter of somebody else's.
    return undefined;
  }
}
