/**
 * `inspectAgents`: how many sockets, free sockets and waiting requests the process has per origin, and which of them
 * are too many. Reads only; see `docs/design/agents.md`.
 */

import { globalAgent as httpAgent } from 'node:http';
import { globalAgent as httpsAgent } from 'node:https';
import { invalidOption, outOfRange } from '../errors';
import { readKnown } from '../options';
import { type Bounds, findingsOf } from './findings';
import { isHttpAgent, originsOfHttpAgent } from './http-agent';
import { showReport } from './show';
import type { AgentOrigin, AgentSummary, AgentsReport, InspectAgentsOptions } from './types';
import { globalDispatchers, isDispatcher, originsOfDispatcher } from './undici';

const DEFAULTS: Bounds = { sockets: 256, free: 256, pending: 1000, origins: 1000, pools: 16 };
const KNOWN = [
  'agents',
  'dispatchers',
  'maxSockets',
  'maxFree',
  'maxPending',
  'maxOrigins',
  'maxPools',
] as const;

/**
 * Looks at the global agents of `node:http` and `node:https`, at the dispatcher of `fetch`, and at those given, and
 * reports per origin: sockets in use, free ones, requests that wait. What is over a bound is in `findings`.
 *
 * Cheap and without side effects: O(pools), nothing is opened, closed or changed. What a dispatcher of an unknown
 * version does not tell is `unknown`.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT`, `PLATEAU_INVALID_OPTION` for what is no agent, dispatcher or option
 * @throws RangeError `PLATEAU_OUT_OF_RANGE` for a bound that is not a whole number, 1 or more
 *
 * @example
 * const report = inspectAgents({ agents: { payments: paymentsAgent }, maxPending: 100 });
 * if (!report.ok) log.warn(String(report));
 */
export function inspectAgents(options?: InspectAgentsOptions): AgentsReport {
  const o = readKnown(options === undefined ? {} : options, KNOWN);
  const bounds: Bounds = {
    sockets: readBound('maxSockets', o.maxSockets, DEFAULTS.sockets),
    free: readBound('maxFree', o.maxFree, DEFAULTS.free),
    pending: readBound('maxPending', o.maxPending, DEFAULTS.pending),
    origins: readBound('maxOrigins', o.maxOrigins, DEFAULTS.origins),
    pools: readBound('maxPools', o.maxPools, DEFAULTS.pools),
  };
  const agents = readNamed('agents', o.agents, isHttpAgent, 'an agent of node:http or node:https');
  const dispatchers = readNamed('dispatchers', o.dispatchers, isDispatcher, 'a dispatcher of undici');

  // Under the name that was given to it, where one of the global ones is given.
  for (const [name, agent] of [
    ['http.globalAgent', httpAgent] as const,
    ['https.globalAgent', httpsAgent] as const,
  ]) {
    if (!agents.has(agent)) agents.set(agent, name);
  }
  globalDispatchers().forEach((dispatcher, i) => {
    if (!dispatchers.has(dispatcher)) dispatchers.set(dispatcher, i === 0 ? 'fetch' : `fetch (${i + 1})`);
  });

  const report: Omit<AgentsReport, 'ok' | 'toString'> = {
    totals: { agents: 0, origins: 0, sockets: 0, free: 0, pending: 0 },
    agents: [],
    origins: [],
    findings: [],
  };
  for (const [agent, name] of agents) {
    const { keepAlive, maxTotalSockets } = agent as { keepAlive?: unknown; maxTotalSockets?: unknown };
    const total = typeof maxTotalSockets === 'number' ? maxTotalSockets : Number.POSITIVE_INFINITY;
    const origins = originsOfHttpAgent(agent, name);
    for (const row of origins) if (row.limit !== undefined) row.limit = Math.min(row.limit, total);
    add(report, { ...summarise(name, 'http', origins), keepAlive: keepAlive === true }, origins, bounds);
  }
  for (const [dispatcher, name] of dispatchers) {
    const { origins, unknown } = originsOfDispatcher(dispatcher, name);
    add(report, { ...summarise(name, 'undici', origins), unknown }, origins, bounds);
  }
  report.origins.sort((a, b) => weightOf(b) - weightOf(a));
  const result = { ok: report.findings.length === 0, ...report } as AgentsReport;
  // Not enumerable, so that the report is compared and printed as the data it is.
  Object.defineProperty(result, 'toString', { value: () => showReport(result), configurable: true });
  return result;
}

function weightOf(row: AgentOrigin): number {
  return row.sockets + row.free + row.pending;
}

function summarise(agent: string, kind: AgentSummary['kind'], origins: AgentOrigin[]): AgentSummary {
  const summary: AgentSummary = {
    ...{ agent, kind, origins: origins.length, sockets: 0, free: 0, pending: 0 },
    ...{ keepAlive: undefined, unknown: false },
  };
  for (const row of origins) {
    summary.sockets += row.sockets;
    summary.free += row.free;
    summary.pending += row.pending;
  }
  return summary;
}

function add(
  report: Omit<AgentsReport, 'ok' | 'toString'>,
  summary: AgentSummary,
  origins: AgentOrigin[],
  bounds: Bounds,
): void {
  report.agents.push(summary);
  // Not by spreading: there may be more origins than a call takes arguments.
  for (const row of origins) report.origins.push(row);
  report.totals.agents++;
  for (const count of ['origins', 'sockets', 'free', 'pending'] as const) {
    report.totals[count] += summary[count];
  }
  for (const finding of findingsOf(summary, origins, bounds)) report.findings.push(finding);
}

function readBound(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const accepted = 'a whole number, 1 or more, or Infinity';
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!(value >= 1) || (value !== Number.POSITIVE_INFINITY && !Number.isInteger(value))) {
    throw outOfRange(name, accepted, value);
  }
  return value;
}

/** Each thing with its name in the report. */
function readNamed(
  option: string,
  value: unknown,
  accepts: (it: unknown) => boolean,
  accepted: string,
): Map<object, string> {
  const named = new Map<object, string>();
  if (value === undefined) return named;
  // A single one is an object too.
  if (typeof value !== 'object' || value === null || accepts(value)) {
    throw invalidOption(option, `an array or an object with names, each of ${accepted}`, value);
  }
  for (const [key, it] of Object.entries(value)) {
    const name = Array.isArray(value) ? `${option}[${key}]` : key;
    if (!accepts(it)) throw invalidOption(Array.isArray(value) ? name : `${option}.${key}`, accepted, it);
    if (!named.has(it)) named.set(it, name);
  }
  return named;
}
