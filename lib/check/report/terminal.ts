/** The report for a terminal. What comes from the app is shown without its control characters. */

import { alignColumns } from '../../text';
import type { CheckFinding, CheckReport, IsolateReport } from '../types';
import {
  allocated,
  bytes,
  COLUMNS,
  count,
  loadLine,
  PATTERNS,
  place,
  SIGNAL_NAMES,
  shorten,
  slope,
  telling,
  VERDICTS,
} from './words';

/** Rounds that are shown of many: the first, and the newest. */
const MOST_ROUNDS = 12;
/** Findings that are shown. */
const MOST_FINDINGS = 10;

type Paint = (text: string) => string;
interface Palette {
  bold: Paint;
  dim: Paint;
  verdict: Record<CheckReport['verdict'], Paint>;
}

export function terminalReport(report: CheckReport, color: boolean): string {
  const paint = palette(color);
  // What an app said last comes in lines, which are marked: none of them may look like one of a log's own.
  const summary = report.summary.split('\n').map(plain).join('\n  │ ');
  const head = `${paint.verdict[report.verdict](VERDICTS[report.verdict])}: ${summary}`;
  const facts = [
    `${paint.dim('app  ')}  ${plain(report.command.join(' '))}`,
    ...report.targets.slice(0, 5).map((target) => `${paint.dim('asked')}  ${plain(target)}`),
    `${paint.dim('load ')}  ${loadLine(report)}`,
  ];
  const isolates = report.isolates.flatMap((isolate) => ['', ...isolateLines(isolate, paint)]);
  const findings = report.findings
    .slice(0, MOST_FINDINGS)
    .flatMap((finding, i) => ['', ...findingLines(finding, i + 1, paint)]);
  const rest = report.findings.length - MOST_FINDINGS;
  const listeners = report.listeners
    .slice(0, MOST_FINDINGS)
    .map(
      ({ file, line, event, emitter, live }) =>
        `  ${plain(shorten(file))}:${line} adds '${plain(event)}' to ${plain(emitter)}: ${count(live)} are still there`,
    );
  const handles = report.handles
    .slice(0, MOST_FINDINGS)
    .map(
      ({ type, open, ...where }) =>
        `  ${plain(place(where))} opens ${plain(type)}: ${count(open)} are still open`,
    );
  const sites = allocated(report).map(
    (site) => `  ${plain(place(site))} allocated ${bytes(site.bytes)} of it`,
  );
  return [
    head,
    '',
    ...facts,
    ...isolates,
    ...findings,
    ...(rest > 0 ? ['', `${rest} more in --json`] : []),
    ...(sites.length > 0 ? ['', paint.bold('Functions whose allocations are still there'), ...sites] : []),
    ...(listeners.length > 0 ? ['', paint.bold('Listeners added while it was looked at'), ...listeners] : []),
    ...(handles.length > 0 ? ['', paint.bold('Handles opened while it was looked at'), ...handles] : []),
    ...(report.notes.length > 0
      ? ['', ...report.notes.map((note) => `${paint.dim('note')}   ${plain(note)}`)]
      : []),
    '',
  ].join('\n');
}

function isolateLines({ name, verdict, signals, floors }: IsolateReport, paint: Palette): string[] {
  const shown = floors.map((floor, i) => COLUMNS.map(([, cell]) => cell(floor, i)));
  if (shown.length > MOST_ROUNDS) shown.splice(1, shown.length - MOST_ROUNDS, ['…']);
  const table = alignColumns(
    [COLUMNS.map(([title]) => title), ...shown],
    COLUMNS.map(() => false),
  );
  const courses = telling(signals).map((signal) => {
    const { course, reason } = signals[signal];
    const mark = course === 'growing' ? paint.verdict.leak : (text: string) => text;
    return `  ${SIGNAL_NAMES[signal].padEnd(12)}${mark(slope(signal, signals[signal]))}: ${plain(reason)}`;
  });
  return [
    `${paint.bold(plain(name))}: ${VERDICTS[verdict]}`,
    ...table.map((line) => `  ${line}`),
    ...courses,
  ];
}

function findingLines(finding: CheckFinding, number: number, paint: Palette): string[] {
  const { title, pattern, bytesPerRequest, path, evidence, fix, confidence, placeIs } = finding;
  const line = (name: string, text: string): string => `   ${paint.dim(name.padEnd(6))} ${text}`;
  return [
    `${number}. ${paint.bold(plain(title))}`,
    line(
      'what',
      `${PATTERNS[pattern]} (${pattern}), ${bytes(bytesPerRequest)} per request, ${Math.round(confidence * 100)} % sure`,
    ),
    ...(finding.place === undefined
      ? []
      : [
          line(
            'where',
            `${paint.bold(plain(place(finding.place)))}${placeIs === undefined ? '' : ` (${placeIs})`}`,
          ),
        ]),
    line('held', plain(path)),
    ...evidence.map((each) => line('why', plain(each))),
    line('fix', plain(fix)),
  ];
}

function palette(color: boolean): Palette {
  const code =
    (begin: number, end: number): Paint =>
    (text) =>
      color ? `\u001b[${begin}m${text}\u001b[${end}m` : text;
  const bold = code(1, 22);
  return {
    bold,
    dim: code(2, 22),
    verdict: {
      healthy: (text) => code(32, 39)(bold(text)),
      leak: (text) => code(31, 39)(bold(text)),
      unclear: (text) => code(33, 39)(bold(text)),
    },
  };
}

/** Names and paths are the app's, and may hold what moves a terminal's cursor, or begins a line of its own. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
}
