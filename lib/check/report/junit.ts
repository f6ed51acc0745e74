/** The report as JUnit XML: one test case per isolate and one per finding. */

import type { CheckReport } from '../types';
import { bytes, PATTERNS, place, VERDICTS } from './words';

export function junitReport(report: CheckReport): string {
  const { isolates, findings, verdict, summary, seconds, culprit, startedAt } = report;
  const name = `plateau check ${report.command.join(' ')}`;
  const cases: string[] = isolates
    .filter((isolate) => verdict !== 'leak' || isolate.name !== culprit)
    .map((isolate) => testCase(isolate.name, ''));
  if (verdict === 'unclear') cases.push(testCase(VERDICTS.unclear, element('error', summary, summary)));
  if (verdict === 'leak') cases.push(testCase(culprit ?? 'leak', element('failure', summary, summary)));
  for (const { title, pattern, path, fix, bytesPerRequest, place: where } of findings) {
    const at = where === undefined ? '' : `\nat ${place(where)}`;
    const text = `${PATTERNS[pattern]}, ${bytes(bytesPerRequest)} per request${at}\n${path}\n${fix}`;
    cases.push(testCase(`${pattern}: ${title}`, element('failure', title, text)));
  }
  const failures = verdict === 'leak' ? findings.length + 1 : 0;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${verdict === 'unclear' ? 1 : 0}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="${escapeXml(name)}" ${counts} time="${seconds.toFixed(3)}" timestamp="${startedAt}">
${cases.join('\n')}
</testsuite>
</testsuites>
`;
}

function testCase(name: string, inside: string): string {
  return `<testcase classname="plateau.check" name="${escapeXml(name)}">${inside}</testcase>`;
}

function element(tag: string, message: string, text: string): string {
  return `<${tag} message="${escapeXml(message)}">${escapeXml(text)}</${tag}>`;
}

/** XML knows no control characters, not even escaped. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
