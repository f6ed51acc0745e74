/** Patterns for paths: exact, by prefix, by regular expression, or by asking. */

import { invalidOption } from '../errors';

/** What `exclude` takes: an exact path, a prefix with `*` at its end, or a pattern. */
export type PathPattern = string | RegExp;

/** The path of a request target: without query and fragment, and without the origin of an absolute one. */
export function pathOf(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || '/';
}

/** Whether the path is that of the pattern, or begins like it where it ends in `*`. */
export function matchesPath(path: string, pattern: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

/** Reads a list of patterns into a test of paths. */
export function readPatterns(name: string, value: unknown): ((path: string) => boolean) | undefined {
  if (value === undefined) return undefined;
  const accepted = 'a path, a RegExp, a list of them, or a function';
  const patterns: unknown[] = Array.isArray(value) ? value : [value];
  const tests = patterns.map((pattern) => {
    if (typeof pattern === 'string' && /^[/*]/.test(pattern)) {
      return (path: string) => matchesPath(path, pattern);
    }
    if (pattern instanceof RegExp) {
      // A copy, as those with the flags g and y remember where they were.
      const copy = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
      return (path: string) => copy.test(path);
    }
    throw invalidOption(name, `${accepted}; paths begin with / and may end with *`, pattern);
  });
  return (path) => tests.some((test) => test(path));
}
