/** The report as one page that loads nothing: its only script is none, its charts are SVG. Everything is escaped. */

import { version } from '../../version';
import type { CheckFinding, CheckReport, IsolateReport } from '../types';
import { floorsChart } from './chart';
import { escapeHtml as e } from './escape';
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

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #d8dde6; --paper: #fff; --card: #f6f7f9;
  --leak: #c4320a; --healthy: #067647; --unclear: #b54708; --accent: #175cd3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #344054; --paper: #12161d;
  --card: #1a202b; --leak: #f97066; --healthy: #47cd89; --unclear: #fdb022; --accent: #84adff; } }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.leak { color: var(--leak); } .healthy { color: var(--healthy); } .unclear { color: var(--unclear); }
.soft { color: var(--soft); } code, .mono { font-family: ui-monospace, monospace; font-size: .875em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: .75rem 0; }
.card h3 { margin: 0 0 .25rem; font-size: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; width: 100%; }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid var(--line); } th { font-weight: 600; }
ol.trace { margin: .5rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; } summary { cursor: pointer; }
.scroll { overflow-x: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
svg .floor { stroke: var(--accent); fill: none; stroke-width: 2; } svg .dot { fill: var(--accent); }
`;

export function htmlReport(report: CheckReport): string {
  const { verdict, summary, command, targets, isolates, findings, listeners, handles, notes, startedAt } =
    report;
  const sites = allocated(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>plateau check: ${e(VERDICTS[verdict])}</title>
<style>${STYLE}</style>
</head>
<body>
<h1><span class="${verdict}">${e(VERDICTS[verdict])}</span></h1>
<pre>${e(summary)}</pre>
<p class="soft"><code>${e(command.join(' '))}</code><br>${targets.slice(0, 20).map(e).join('<br>')}<br>${e(loadLine(report))}</p>
${findings.length > 0 ? `<h2>What leaks</h2>${findings.map(findingHtml).join('\n')}` : ''}
${sites.length > 0 ? `<h2>Functions whose allocations are still there</h2><ul>${sites.map(siteHtml).join('')}</ul>` : ''}
${listeners.length > 0 ? `<h2>Listeners added while it was looked at</h2><ul>${listeners.map(listenerHtml).join('')}</ul>` : ''}
${handles.length > 0 ? `<h2>Handles opened while it was looked at</h2><ul>${handles.map(handleHtml).join('')}</ul>` : ''}
${isolates.map(isolateHtml).join('\n')}
${notes.length > 0 ? `<h2>Notes</h2><ul>${notes.map((note) => `<li>${e(note)}</li>`).join('')}</ul>` : ''}
<p class="soft">plateau ${e(version)}, ${e(startedAt)}</p>
</body>
</html>
`;
}

function findingHtml(finding: CheckFinding): string {
  const {
    title,
    pattern,
    bytesPerRequest,
    confidence,
    place: where,
    placeIs,
    trace,
    evidence,
    fix,
  } = finding;
  const at =
    where === undefined
      ? ''
      : `<br><code>${e(place(where))}</code>${placeIs === undefined ? '' : ` (${e(placeIs)})`}`;
  const steps = trace.map((step) => {
    const here = step.place === undefined ? '' : ` <code class="soft">${e(place(step.place))}</code>`;
    return `<li><span class="soft">${e(step.edge)}</span> ${e(step.node)}${here}</li>`;
  });
  return `<section class="card"><h3>${e(title)}</h3>
<div><strong>${e(PATTERNS[pattern])}</strong>, ${e(bytes(bytesPerRequest))} per request, ${Math.round(confidence * 100)} % sure${at}</div>
<details open><summary>Held by</summary><ol class="trace">${steps.join('')}</ol></details>
<ul>${evidence.map((each) => `<li>${e(each)}</li>`).join('')}</ul>
<div><strong>Fix:</strong> ${e(fix)}</div></section>`;
}

function siteHtml(site: CheckReport['allocations'][number]): string {
  return `<li><code>${e(place(site))}</code> allocated ${e(bytes(site.bytes))} of it</li>`;
}

function listenerHtml({ file, line, event, emitter, live }: CheckReport['listeners'][number]): string {
  return `<li><code>${e(shorten(file))}:${line}</code> adds <code>${e(event)}</code> to ${e(emitter)}: ${count(live)} are still there</li>`;
}

function handleHtml({ type, open, ...where }: CheckReport['handles'][number]): string {
  return `<li><code>${e(place(where))}</code> opens ${e(type)}: ${count(open)} are still open</li>`;
}

function isolateHtml({ name, verdict, signals, floors }: IsolateReport): string {
  const lines = telling(signals).map(
    (signal) =>
      `<li>${e(SIGNAL_NAMES[signal])}: ${e(slope(signal, signals[signal]))}: ${e(signals[signal].reason)}</li>`,
  );
  const rows = floors.map(
    (floor, i) => `<tr>${COLUMNS.map(([, cell]) => `<td>${e(cell(floor, i))}</td>`).join('')}</tr>`,
  );
  return `<h2>${e(name)}: <span class="${verdict}">${e(VERDICTS[verdict])}</span></h2>
<ul>${lines.join('')}</ul>
${floorsChart(floors)}
<details><summary>Rounds</summary><div class="scroll"><table>
<thead><tr>${COLUMNS.map(([title]) => `<th>${e(title)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>`;
}
