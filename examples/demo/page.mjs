/**
 * The result as one HTML file that needs no network: chart code, style and data are inside.
 *
 * Text enters it only through the `html` tag, which escapes, and the data only as JSON that cannot end its
 * element. The page's policy allows its own two scripts, by hash, and nothing else.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SAMPLED_HEAD, SAMPLED_TITLE, sampledMethod, sampledTable, sampledVerdicts } from './samplers.mjs';
import { diagnosis, disturbance, method, TABLE_HEAD, table, verdicts } from './words.mjs';

/** @typedef {import('./result.mjs').Result} Result */
/** @typedef {ReturnType<typeof import('./machine.mjs').describeMachine>} Machine */

const require = createRequire(import.meta.url);
const read = (/** @type {string | URL} */ path) => readFileSync(path, 'utf8');
const beside = (/** @type {string} */ name) => read(new URL(name, import.meta.url));

/** HTML that was made here, as opposed to text that has to be escaped. */
class Html {
  /** @param {string} source */
  constructor(source) {
    this.source = source;
  }
}

/** @param {Result} result */
function diagnosisOf(result) {
  const { title, lines } = diagnosis(result);
  if (lines.length === 0) return '';
  return html`<h2>${title}</h2>\n<ul>\n${lines.map((line) => html`<li><code>${line}</code></li>\n`)}</ul>\n`;
}

/** @param {Result} result */
function sampledOf({ sampled }) {
  if (sampled === undefined) return '';
  return html`<h2>${SAMPLED_TITLE}</h2>
${checks(sampledVerdicts(sampled))}${grid(SAMPLED_HEAD, sampledTable(sampled))}<p>${sampledMethod(sampled)}</p>
`;
}

/** @param {{ good: boolean, text: string }[]} list */
function checks(list) {
  return html`<ul class="verdicts">
${list.map(({ good, text }) => html`<li class="${good ? 'good' : 'bad'}">${text}</li>\n`)}</ul>
`;
}

/** @param {string[]} head @param {string[][]} rows */
function grid(head, rows) {
  return html`<div class="wide"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
}

/**
 * @param {Result} result
 * @param {Machine} machine
 */
export function renderPage(result, machine) {
  const scripts = [read(require.resolve('uplot/dist/uPlot.iife.min.js')), beside('page-chart.js')];
  const style = read(require.resolve('uplot/dist/uPlot.min.css')) + beside('page.css');
  const policy =
    `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; ` +
    `script-src ${scripts.map((script) => `'sha256-${sha256(script)}'`).join(' ')}`;
  const { leaking, fixed } = result.apps;
  const data = {
    seconds: leaking.samples.map(({ seconds }) => seconds),
    leaking: leaking.samples.map(({ floor }) => floor / 2 ** 20),
    fixed: fixed.samples.map(({ floor }) => floor / 2 ** 20),
    warmUpSeconds: result.warmUpSeconds,
  };
  const warning = disturbance(result);

  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>plateau demo: a leaking app and its fixed twin</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<h1>The same app, with a leak and without</h1>
${checks(verdicts(result))}${diagnosisOf(result)}<figure>
<figcaption>Memory floor: JavaScript heap after a garbage collection, MiB</figcaption>
<div id="chart"><noscript>The chart needs JavaScript; the table below does not.</noscript></div>
</figure>
${grid(TABLE_HEAD, table(result))}${sampledOf(result)}<h2>The fix</h2>
<div class="wide"><pre>${difference()}</pre></div>
<h2>How it was measured</h2>
<p>${method(result)}</p>
${warning === undefined ? '' : html`<p>${warning}</p>`}
<p>${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}.</p>
<h2>Do it again</h2>
<pre>npm install &amp;&amp; npm run demo</pre>
</main>
<script type="application/json" id="data">${new Html(JSON.stringify(data).replaceAll('<', '\\u003c'))}</script>
${scripts.map((script) => html`<script>${new Html(script)}</script>\n`)}</body>
</html>
`.source;
}

/** The two apps' caches, as a diff shows them: the other files are the same. */
function difference() {
  return ['leaky-app', 'fixed-app'].map((folder, i) =>
    beside(`../${folder}/caches.mjs`)
      .split('\n')
      .filter(Boolean)
      .map(
        (line) =>
          html`<span class="${i === 0 ? 'removed' : 'added'}">${i === 0 ? '-' : '+'} ${line}</span>\n`,
      ),
  );
}

/**
 * Puts HTML together. Everything put in is escaped, unless it was itself made by this tag.
 *
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
function html(strings, ...values) {
  return new Html(strings.map((part, i) => (i < values.length ? part + toSource(values[i]) : part)).join(''));
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function toSource(value) {
  if (value instanceof Html) return value.source;
  if (Array.isArray(value)) return value.map(toSource).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('base64');
}
