/**
 * Takes secrets out of what is logged: by the names of parameters and headers, and a few values that show what they
 * are. When in doubt it redacts: a parameter too many is an annoyance, one too few a leak. See `docs/design/log.md`.
 */

import { BoundedCache } from '../cache/bounded-cache';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Wherever these occur in a name, letter case and all but letters and digits aside: `resetToken`, `X-Amz-Signature`. */
const ANYWHERE =
  /token|passw|passphrase|passcode|secret|apikey|accesskey|privatekey|signature|authoriz|authcode|authkey|credential|session|cookie|jwt|assertion/;
/** As a word of a name: `api_key`, `authKey`, `pin2`, `x-csrf`. */
const WORDS = new Set(
  [
    'key',
    'keys',
    'auth',
    'bearer',
    'sig',
    'hmac',
    'pin',
    'otp',
    'totp',
    'mfa',
    'csrf',
    'xsrf',
    'pwd',
    'pass',
  ].concat(['sid', 'sess', 'ssn', 'card', 'cvv', 'cvc', 'csc', 'iban', 'email', 'saml']),
);
/** As a whole name, or as one part of `user[code]`: `country_code` is no secret. */
const WHOLE = new Set(['code', 'state', 'nonce', 'phpsessid', 'pincode', 'creditcard', 'cardnumber']);

/** A JSON Web Token, as far as it goes. */
const JWT = /eyJ[\w-]{10,}(?:\.[\w-]*){0,2}/g;
/** `//user:password@host` inside of text. */
const USERINFO = /\/\/[^/?#\s]*@/;
/** Something like a parameter inside of a value, be it of a URL or of JSON. */
const NESTED = /([^=&?;#\s"':{},]{1,64})["']?\s*[=:]/g;
/** The longest name of a host, with its port. */
const MAX_HOST = 260;
/** Names are remembered up to this length: V8 copies them, whereas a longer one would keep its whole URL. */
const MAX_KNOWN = 12;
/** Percent-encodings that are looked through. */
const ROUNDS = 3;

export interface RedactorOptions {
  /** Names beside the built-in ones. */
  names: readonly string[];
  /** Whether a name is one of a secret. */
  test: ((name: string) => boolean) | undefined;
  /** Parameters shown although the built-in list has them. */
  reveal: readonly string[];
}

export class Redactor {
  readonly #names: ReadonlySet<string>;
  readonly #reveal: ReadonlySet<string>;
  readonly #test: ((name: string) => boolean) | undefined;
  /** Names that were judged before. */
  readonly #known = new BoundedCache<string, boolean>(500);

  constructor({ names, test, reveal }: RedactorOptions) {
    this.#names = new Set(names.map(compact));
    this.#reveal = new Set(reveal.map(compact));
    this.#test = test;
  }

  /** Whether the value of a parameter, header or field of this name is a secret. */
  isSecret(name: string): boolean {
    if (name.length > MAX_KNOWN || this.#test !== undefined) return this.#judge(name);
    return this.#known.getOrInsertComputed(name, () => this.#judge(name));
  }

  #judge(name: string): boolean {
    const decoded = decode(name);
    if (this.#reveal.has(compact(decoded))) return false;
    if (this.#test !== undefined && this.#asks(decoded)) return true;
    for (const part of decoded.split(/[[\].]+/)) {
      const whole = compact(part);
      if (whole === '' || this.#reveal.has(whole)) continue;
      if (this.#names.has(whole) || WHOLE.has(whole) || ANYWHERE.test(whole)) return true;
      for (const word of wordsOf(part)) if (WORDS.has(word) || this.#names.has(word)) return true;
    }
    return false;
  }

  #asks(name: string): boolean {
    try {
      return this.#test?.(name) !== false;
    } catch {
      // Nobody said that it may be shown.
      return true;
    }
  }

  /** A URL or request target without secrets, no longer than `limit`, which an ellipsis may follow. */
  url(text: string, limit: number): string {
    const cut = text.length > limit;
    const head = cut ? text.slice(0, limit) : text;
    const clean = SUSPICIOUS.test(head) ? this.#clean(head) : head;
    return cut || clean.length > limit ? clip(`${clean}…`, limit) : clean;
  }

  #clean(text: string): string {
    const url = withoutUserinfo(text);
    const query = url.search(/[?#]/);
    const path = query < 0 ? url : url.slice(0, query);
    const segments =
      path.includes('=') || path.includes('%')
        ? path.split('/').map((segment) => (/=|%3d/i.test(segment) ? this.#pairs(segment) : segment))
        : [path];
    const rest = query < 0 ? '' : this.#pairs(url.slice(query));
    return (segments.join('/') + rest).replace(JWT, REDACTED);
  }

  /** Parameters with whatever separates them. The value of a secret goes on to the next `&`, as it may hold the others. */
  #pairs(text: string): string {
    let out = '';
    let at = 0;
    while (at < text.length) {
      const stop = next(text, /[&;?#=]/g, at);
      const name = text.slice(at, stop);
      if (text[stop] !== '=') {
        out += this.#value(name) + (text[stop] ?? '');
        at = stop + 1;
      } else if (this.isSecret(name)) {
        at = next(text, /&/g, stop);
        out += `${name}=${at > stop + 1 ? REDACTED : ''}`;
      } else {
        at = next(text, /[&;?#]/g, stop);
        out += `${name}=${this.#value(text.slice(stop + 1, at))}`;
      }
    }
    return out;
  }

  /** The value of a harmless parameter, unless there is a secret in it. */
  #value(value: string): string {
    if (!/[%=:@"]/.test(value)) return value;
    const decoded = decode(value);
    if (USERINFO.test(decoded)) return REDACTED;
    for (const [, name = ''] of decoded.matchAll(NESTED)) if (this.isSecret(name)) return REDACTED;
    return value;
  }
}

/** Of `http://user:password@host/`, without user and password. */
function withoutUserinfo(url: string): string {
  const [whole, scheme, authority] = /^((?:[a-z][a-z0-9+.-]*:)?\/\/)([^/?#]*)/i.exec(url) ?? [];
  if (whole === undefined || scheme === undefined || authority === undefined) return url;
  const at = authority.lastIndexOf('@');
  if (at >= 0) return `${scheme}${REDACTED}${authority.slice(at)}${url.slice(whole.length)}`;
  // No host is that long: the URL was cut before its @.
  const isCut = whole.length === url.length && authority.length > MAX_HOST && authority.includes(':');
  return isCut ? `${scheme}${REDACTED}` : url;
}

/** The text, no longer than `limit`, which an ellipsis may follow. */
export function clip(text: string, limit: number): string {
  // Flattened: a slice keeps all that it was cut from.
  return text.length > limit ? Buffer.from(`${text.slice(0, limit)}…`).toString() : text;
}

/** Whether there can be anything to redact at all. */
const SUSPICIOUS = /[=@%:]|eyJ/;

function next(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

/** Letters and digits in lower case. */
function compact(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/\d+$/, ''));
}

/** What a server may take it for, decoded more than once, as proxies do. Never throws. */
function decode(text: string): string {
  let decoded = text.includes('+') ? text.replaceAll('+', ' ') : text;
  for (let round = 0; round < ROUNDS && decoded.includes('%'); round++) {
    const before = decoded;
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      decoded = decoded.replace(/%([0-7][0-9a-f])/gi, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
    }
    if (decoded === before) break;
  }
  return decoded;
}
