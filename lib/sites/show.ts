/**
 * Shows call sites to people: with source maps applied, as `src/server.ts:42`, relative to the working folder.
 *
 * Only here are files read, once per script, and only when a report is asked for.
 */

import { readFileSync } from 'node:fs';
import { findSourceMap, SourceMap } from 'node:module';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallSite } from './call-site';

/** Scripts whose map is remembered. */
const MAX_MAPS = 256;
/** Larger scripts and maps are not read: a report must not stop a service. */
const MAX_BYTES = 16 * 1024 * 1024;

type Position = { file: string; line: number; column: number };

const maps = new Map<string, SourceMap | undefined>();

/** `src/server.ts:42`, or `(unknown)`; a dependency's with the place in the application that led there. */
export function showSite(site: CallSite): string {
  if (site.file === '') return '(unknown)';
  const { file, line } = originalOf(site);
  const place = `${shorten(file)}:${line}`;
  return site.via === undefined ? place : `${place} (from ${showSite(site.via)})`;
}

/** Where the site is in the source as written. */
export function originalOf(site: CallSite): Position {
  const { file, line, column } = site;
  try {
    const entry = mapOf(file)?.findEntry(line - 1, column - 1);
    if (entry !== undefined && 'originalSource' in entry && entry.originalSource) {
      const source = resolveSource(file, entry.originalSource);
      return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
  } catch {
    // A map that is wrong is worth less than none.
  }
  return { file, line, column };
}

function mapOf(file: string): SourceMap | undefined {
  const known = maps.get(file);
  if (known !== undefined || maps.has(file)) return known;
  const map = findSourceMap(file) ?? readMap(file);
  if (maps.size >= MAX_MAPS) maps.clear();
  maps.set(file, map);
  return map;
}

/** Reads the map that the script's last line names, where Node was not told to (`--enable-source-maps`). */
function readMap(file: string): SourceMap | undefined {
  try {
    const path = toPath(file);
    if (!isAbsolute(path)) return undefined;
    const script = read(path);
    const at = script?.lastIndexOf('//# sourceMappingURL=') ?? -1;
    if (script === undefined || at < 0) return undefined;
    const url = /^[^\s'"]+/.exec(script.slice(at + 21))?.[0] ?? '';
    const inline = /^data:application\/json[^,]*;base64,/.exec(url);
    const text = inline
      ? Buffer.from(url.slice(inline[0].length), 'base64').toString('utf8')
      : /^[a-z]+:/i.test(url)
        ? undefined
        : read(resolve(dirname(path), decodeURIComponent(url)));
    return text === undefined ? undefined : new SourceMap(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  const text = readFileSync(path, 'utf8');
  return text.length > MAX_BYTES ? undefined : text;
}

function resolveSource(file: string, source: string): string {
  if (source.startsWith('file:') || isAbsolute(source) || /^[a-z-]+:/i.test(source)) return source;
  return resolve(dirname(toPath(file)), source);
}

function toPath(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

function shorten(file: string): string {
  let path = file;
  try {
    path = toPath(file);
  } catch {
    return file;
  }
  if (!isAbsolute(path)) return path;
  const near = relative(process.cwd(), path);
  return near !== '' && !near.startsWith(`..${sep}`) && !isAbsolute(near) ? near : path;
}
