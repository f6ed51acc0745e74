/** What `inspectAgents` takes and returns. */

/** As much of an `http.Agent` as is looked at. */
export interface AgentLike {
  readonly sockets: object;
  readonly freeSockets: object;
  readonly requests: object;
}

/** As much of an undici dispatcher as is looked at. */
export interface DispatcherLike {
  // biome-ignore lint/suspicious/noExplicitAny: not called
  dispatch(...args: any[]): unknown;
}

/** Options of {@link inspectAgents}. */
export interface InspectAgentsOptions {
  /** Agents of `node:http` and `node:https` besides the global ones, in an array or under names for the report. */
  agents?: readonly AgentLike[] | Readonly<Record<string, AgentLike>> | undefined;
  /** Dispatchers of undici (Agent, Pool, Client, …) besides the global one, in an array or under names. */
  dispatchers?: readonly DispatcherLike[] | Readonly<Record<string, DispatcherLike>> | undefined;
  /**
   * The most sockets in use per origin, a whole number, 1 or more, or `Infinity`.
   * @default 256
   */
  maxSockets?: number | undefined;
  /**
   * The most free sockets per origin.
   * @default 256
   */
  maxFree?: number | undefined;
  /**
   * The most requests that wait for a socket, per origin.
   * @default 1_000
   */
  maxPending?: number | undefined;
  /**
   * The most origins per agent.
   * @default 1_000
   */
  maxOrigins?: number | undefined;
  /**
   * The most pools per origin. An agent makes one for each set of TLS options, so a request with options of its own
   * never finds a free socket.
   * @default 16
   */
  maxPools?: number | undefined;
}

/** One origin of one agent. */
export interface AgentOrigin {
  /** The agent's name in the report. */
  agent: string;
  /**
   * Such as `https://api.example.com`, `unix:/run/docker.sock`, `(unknown)`, or `(any)` of a BalancedPool;
   * never with credentials or options.
   */
  origin: string;
  /** Sockets in use. */
  sockets: number;
  /** Sockets kept for the next request. */
  free: number;
  /** Requests that wait for a socket. */
  pending: number;
  /** The most sockets that the agent opens, `Infinity` for no limit; `undefined` where that is not known. */
  limit: number | undefined;
  /** Pools that this is the sum of. */
  pools: number;
}

/** One agent or dispatcher. */
export interface AgentSummary {
  /** `http.globalAgent`, `https.globalAgent`, `fetch`, `agents[0]`, `dispatchers[0]`, or the name it was given. */
  agent: string;
  /** Whose: an agent of `node:http` or `node:https`, or a dispatcher of undici. */
  kind: 'http' | 'undici';
  /** Origins that it knows. */
  origins: number;
  /** Sockets in use, of all origins together. */
  sockets: number;
  /** Sockets kept for the next request. */
  free: number;
  /** Requests that wait for a socket. */
  pending: number;
  /** Whether sockets are kept for the next request; `undefined` for undici, which keeps them. */
  keepAlive: boolean | undefined;
  /** Whether its inside is not as this knows it: then its numbers may be missing. */
  unknown: boolean;
}

/** What is over a bound. */
export type AgentFindingCode =
  | 'sockets'
  | 'free'
  | 'pending'
  | 'origins'
  | 'pools'
  /** No limit on sockets, and more than half of `maxSockets` in use for one origin. */
  | 'unbounded'
  /** Sockets are not kept, though ten or more are in use for one origin. */
  | 'keep-alive-off';

/** Something that is over a bound; at most one per agent and code. */
export interface AgentFinding {
  /** What is over its bound. */
  code: AgentFindingCode;
  /** As in {@link AgentSummary}. */
  agent: string;
  /** The worst origin; `undefined` where it concerns the whole agent. */
  origin: string | undefined;
  /** What was found, and what it should not exceed. */
  value: number;
  /** The bound, from the options. */
  bound: number;
  /** How many origins of the agent are over the bound. */
  count: number;
  /** The same as a sentence. */
  message: string;
}

/** What {@link inspectAgents} returns. Plain data: `JSON.stringify` shows all of it (`Infinity` as `null`). */
export interface AgentsReport {
  /** Whether nothing is over its bound. */
  ok: boolean;
  /** Sums over all agents. */
  totals: { agents: number; origins: number; sockets: number; free: number; pending: number };
  /** Those looked at. */
  agents: AgentSummary[];
  /** The busiest first. */
  origins: AgentOrigin[];
  /** What is over its bound. */
  findings: AgentFinding[];
  /** A table of the 20 busiest origins, and the findings. */
  toString(): string;
}
