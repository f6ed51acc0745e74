/** The requests of a HAR file, such as a browser's "Save all as HAR". */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CheckFailure } from '../failure';
import type { LoadRequest } from './types';

interface HarEntry {
  request?: {
    method?: unknown;
    url?: unknown;
    headers?: Array<{ name?: unknown; value?: unknown }>;
    postData?: { text?: unknown; encoding?: unknown };
  };
}

/** Headers of the connection, and of the place where it was recorded. */
const LEFT_OUT =
  /^(?::.*|host|connection|content-length|transfer-encoding|keep-alive|upgrade|accept-encoding|te)$/i;

/**
 * The requests to the host of the first one, in order, without that host: they go to the app.
 *
 * @throws CheckFailure when the file cannot be read, is no HAR, or has no request
 */
export function readHar(file: string, cwd: string): LoadRequest[] {
  const entries = read(file, cwd);
  const requests: LoadRequest[] = [];
  let host: string | undefined;
  for (const { request } of entries) {
    const { method, url: address, headers, postData } = request ?? {};
    if (typeof method !== 'string' || typeof address !== 'string' || !URL.canParse(address)) continue;
    const url = new URL(address);
    if (!/^https?:$/.test(url.protocol)) continue;
    host ??= url.host;
    if (url.host !== host) continue;
    const text = typeof postData?.text === 'string' ? postData.text : undefined;
    requests.push({
      method,
      target: `${url.pathname}${url.search}`,
      headers: headersOf(headers),
      body: text !== undefined && postData?.encoding === 'base64' ? Buffer.from(text, 'base64') : text,
    });
  }
  if (requests.length === 0) throw new CheckFailure(`--har ${file} has no HTTP requests`);
  return requests;
}

function read(file: string, cwd: string): HarEntry[] {
  let har: { log?: { entries?: unknown } };
  try {
    // Some tools begin the file with a byte order mark.
    har = JSON.parse(readFileSync(resolve(cwd, file), 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new CheckFailure(`--har ${file} cannot be read: ${(error as Error).message}`);
  }
  const entries = har?.log?.entries;
  if (!Array.isArray(entries)) throw new CheckFailure(`--har ${file} is no HAR file: it has no log.entries`);
  return entries as HarEntry[];
}

function headersOf(headers: Array<{ name?: unknown; value?: unknown }> | undefined): Record<string, string> {
  const known: Record<string, string> = {};
  for (const { name, value } of Array.isArray(headers) ? headers : []) {
    if (typeof name === 'string' && typeof value === 'string' && !LEFT_OUT.test(name)) known[name] = value;
  }
  return known;
}
