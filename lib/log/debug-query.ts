/** The query of a debug endpoint: which records are asked for. Read strictly, as a typing error is no filter. */

import { matchesPath, pathOf } from './paths';
import { Redactor } from './redact';

/** What is asked for. */
export interface DebugQuery {
  limit: number;
  matches(record: unknown): boolean;
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;
const MAX_PATH = 512;
const NAMES = ['limit', 'status', 'method', 'path'];
/** A secret in the query is for `authorize` to read. */
const secrets = new Redactor({ names: [], test: undefined, reveal: [] });

/** Reads the query of a request target; a string says what is wrong with it. */
export function readDebugQuery(url: string): DebugQuery | string {
  const at = url.indexOf('?');
  const given = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  for (const name of new Set(given.keys())) {
    if (NAMES.includes(name)) {
      if (given.getAll(name).length > 1) return `${name} must be given once`;
    } else if (!secrets.isSecret(name)) return `parameters must be among ${NAMES.join(', ')}`;
  }
  const limit = given.get('limit');
  const status = given.get('status');
  const method = given.get('method');
  const path = given.get('path');
  if (limit !== null && !(/^[1-9]\d{0,3}$/.test(limit) && Number(limit) <= MAX_LIMIT)) {
    return `limit must be a whole number from 1 to ${MAX_LIMIT}`;
  }
  if (status !== null && !/^[1-5](?:\d\d|xx)$/i.test(status)) {
    return 'status must be a status such as 404, or a class of them such as 5xx';
  }
  if (method !== null && !/^[a-z-]{1,32}$/i.test(method))
    return 'method must be the name of a method such as GET';
  if (path !== null && !(/^[/*]/.test(path) && path.length <= MAX_PATH)) {
    return `path must be a path, or the beginning of one with * after it, of up to ${MAX_PATH} characters`;
  }
  const wantedStatus = status?.toLowerCase();
  const wantedMethod = method?.toUpperCase();
  return {
    limit: limit === null ? DEFAULT_LIMIT : Number(limit),
    matches(record) {
      const it = (typeof record === 'object' && record !== null ? record : {}) as Record<string, unknown>;
      if (wantedStatus !== undefined) {
        const own = String(it.status);
        if (
          wantedStatus.endsWith('xx') ? own.length !== 3 || own[0] !== wantedStatus[0] : own !== wantedStatus
        ) {
          return false;
        }
      }
      if (wantedMethod !== undefined && it.method !== wantedMethod) return false;
      return path === null || (typeof it.url === 'string' && matchesPath(pathOf(it.url), path));
    },
  };
}
