/**
 * Which origin a pool of an agent belongs to, with nothing else that its name may hold.
 *
 * Node names a pool `host:port:localAddress:` and, for https, all TLS options, with certificates and private keys as
 * they are. Agents of other packages name theirs as they like. Only what was recognised leaves this file.
 */

import { isIPv6 } from 'node:net';

/** What stands where no origin could be recognised. */
export const UNKNOWN_ORIGIN = '(unknown)';

/** The origin in a pool's name; `port` is the remote port of one of its sockets, if it has any that know it. */
export function originOfPool(protocol: string, name: string, port: number | undefined): string {
  const target = splitName(name, port);
  if (target === undefined) return UNKNOWN_ORIGIN;
  const unix = protocol === 'http:' ? /^:(?:[46]:)?(\/.*)$/.exec(target.rest)?.[1] : undefined;
  if (unix !== undefined) return `unix:${printable(unix)}`;
  const host = isIPv6(target.host) ? `[${target.host}]` : target.host;
  return originOfUrl(`${protocol}//${host}${target.port === '' ? '' : `:${target.port}`}`);
}

/** The origin of a URL: without user, password, path and query. */
export function originOfUrl(url: unknown): string {
  try {
    const { origin } = new URL(String(url));
    return origin === 'null' || origin.length > 300 ? UNKNOWN_ORIGIN : origin;
  } catch {
    return UNKNOWN_ORIGIN;
  }
}

function splitName(
  name: string,
  port: number | undefined,
): { host: string; port: string; rest: string } | undefined {
  // The colons of an IPv6 address are told from the separators by the port where it is known, else by what is valid.
  if (port !== undefined) {
    const at = name.indexOf(`:${port}:`);
    const host = name.slice(0, Math.max(0, at));
    if (isIPv6(host)) return { host, port: `${port}`, rest: name.slice(at + `:${port}:`.length) };
  }
  // After the port comes a local address, which is nearly always empty.
  for (const end of [/^:(\d{1,5}):(?=:|$)/, /^:(\d{1,5}):/]) {
    for (let at = name.indexOf(':'); at >= 0 && at < 46; at = name.indexOf(':', at + 1)) {
      const found = end.exec(name.slice(at, at + 9));
      const host = name.slice(0, at);
      if (found !== null && isIPv6(host)) {
        return { host, port: found[1] as string, rest: name.slice(at + found[0].length) };
      }
    }
  }
  const plain = /^([\w.-]{1,253}):(\d{0,5}):/.exec(name.slice(0, 300));
  if (plain === null) return undefined;
  return { host: plain[1] as string, port: plain[2] as string, rest: name.slice(plain[0].length) };
}

/** A path as one line. */
function printable(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced
  return path.slice(0, 200).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}
