/** The report for a pull request. */

import type { CheckFinding, CheckReport, IsolateReport } from '../types';
import {
  allocated,
  bytes,
  COLUMNS,
  loadLine,
  PATTERNS,
  place,
  SIGNAL_NAMES,
  slope,
  telling,
  VERDICTS,
} from './words';

const MARKS = { healthy: '✅', leak: '❌', unclear: '⚠️' } as const;

export function markdownReport(report: CheckReport): string {
  const { verdict, summary, command, targets, isolates, findings, notes } = report;
  return [
    `## ${MARKS[verdict]} plateau check: ${VERDICTS[verdict]}`,
    text(summary),
    `${code(command.join(' '))} · ${targets.slice(0, 5).map(code).join(', ')} · ${loadLine(report)}`,
    ...findings.map(findingText),
    ...allocated(report).map((site) => `- ${code(place(site))} allocated ${bytes(site.bytes)} of it`),
    ...isolates.map(isolateText),
    ...notes.map((note) => `> ${text(note)}`),
    '',
  ].join('\n\n');
}

function findingText({
  title,
  pattern,
  bytesPerRequest,
  place: where,
  path,
  evidence,
  fix,
}: CheckFinding): string {
  return [
    `### ${text(title)}`,
    '',
    `**${PATTERNS[pattern]}**, ${bytes(bytesPerRequest)} per request${where === undefined ? '' : `, at ${code(place(where))}`}`,
    '',
    `${code(path)}`,
    '',
    ...evidence.map((each) => `- ${text(each)}`),
    `- **Fix:** ${text(fix)}`,
  ].join('\n');
}

function isolateText({ name, verdict, signals, floors }: IsolateReport): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `<details><summary>${html(name)}: ${VERDICTS[verdict]}</summary>`,
    '',
    ...telling(signals).map((signal) => `- ${SIGNAL_NAMES[signal]}: ${slope(signal, signals[signal])}`),
    '',
    row(COLUMNS.map(([title]) => title)),
    row(COLUMNS.map(() => '---:')),
    ...floors.map((floor, i) => row(COLUMNS.map(([, cell]) => cell(floor, i)))),
    '',
    '</details>',
  ].join('\n');
}

/** As text: nothing of it is markup, a mention or a link. */
function text(plain: string): string {
  return html(plain.replace(/\s+/g, ' ')).replace(/[\\`*_{}[\]()#+!|~@-]/g, '\\$&');
}

/** As code, between more backticks than it has. */
function code(plain: string): string {
  const one = plain.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(one.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${one}${space}${fence}`;
}

function html(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
