/** Annotations of GitHub Actions: each finding at its line. */

import type { CheckReport } from '../types';
import { bytes, PATTERNS, shorten } from './words';

export function githubReport({ verdict, summary, findings }: CheckReport): string {
  if (verdict === 'healthy') return command('notice', {}, `plateau check: ${summary}`);
  if (verdict === 'unclear') return command('error', { title: 'plateau check could not judge' }, summary);
  const lines = findings.map(({ pattern, title, place, path, fix, bytesPerRequest }) => {
    const at: Record<string, string> =
      place === undefined
        ? {}
        : { file: shorten(place.file), line: String(place.line), col: String(place.column) };
    const text = `${title}: ${bytes(bytesPerRequest)} per request\n${path}\n${fix}`;
    return command('error', { ...at, title: `Memory leak: ${PATTERNS[pattern]}` }, text);
  });
  return [command('error', { title: 'Memory leak' }, summary), ...lines].join('');
}

function command(name: string, properties: Record<string, string>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${name}${list.length > 0 ? ` ${list.join(',')}` : ''}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
