/**
 * Checks the apps of `apps/` with `plateau check`: `node __test__/check/run-apps.mjs [name…] [--json FILE]`. A name is an
 * app's, or `leaking` or `healthy`. Says of each what it should have been and what was found; exit code 1 when one is wrong.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { healthy, leaking } from './apps/manifest.mjs';

const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, patience: { type: 'string', default: '30s' } },
  allowPositionals: true,
});
const chosen = [...leaking, ...healthy].filter(
  ({ name, kind }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(kind),
);
const folder = mkdtempSync(join(tmpdir(), 'check-apps-'));
const results = [];
try {
  for (const app of chosen) {
    const result = await check(app);
    results.push(result);
    console.log(row(result));
    if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 2));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const wrong = results.filter(({ ok }) => !ok);
console.log(`${results.length} apps, ${wrong.length} wrong: ${wrong.map(({ name }) => name).join(', ')}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** @param {import('./apps/manifest.mjs').App} app */
async function check(app) {
  const file = join(folder, `${app.name}.json`);
  const options = [
    ...app.urls.flatMap((url) => ['--url', url]),
    ...(app.method ? ['--method', app.method] : []),
    ...(app.body === undefined ? [] : ['--body', app.body]),
    ...Object.entries(app.headers ?? {}).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(app.abortRatio ? ['--abort-ratio', String(app.abortRatio)] : []),
    ...['--patience', values.patience, '--json', file],
  ];
  const command = [process.execPath, ...(app.args ?? []), join(app.folder, app.entry)];
  const child = spawn(process.execPath, [cli, 'check', ...options, '--', ...command], {
    cwd: app.folder,
    env: { ...process.env, NODE_ENV: 'production', PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { name: app.name, kind: app.kind, ok: false, code, seconds: 0, said, found: '', at: '' };
  }
  const [first] = report.findings;
  const place = first?.place;
  const inApp =
    place === undefined ? '' : `${relative(app.folder, place.file.replace(/^file:\/\//, ''))}:${place.line}`;
  const patterns = [app.pattern, ...(app.accept ?? [])];
  return {
    name: app.name,
    kind: app.kind,
    expected: app.kind === 'leaking' ? `${app.pattern} ${app.file}:${app.lines}` : 'nothing',
    ok:
      app.kind === 'leaking'
        ? report.verdict === 'leak' && patterns.includes(first?.pattern)
        : report.verdict === 'healthy',
    code,
    verdict: report.verdict,
    summary: report.summary,
    found: first === undefined ? '' : `${first.pattern} ${Math.round(first.bytesPerRequest)} B`,
    at: inApp,
    path: first?.path,
    others: report.findings
      .slice(1, 5)
      .map((each) => `${each.pattern} ${Math.round(each.bytesPerRequest)} B ${each.title}`),
    slopes: report.isolates.map(
      ({ name, signals }) =>
        `${name}: heap ${Math.round(signals.heap.slope)}, external ${Math.round(signals.external.slope)}`,
    ),
    seconds: report.seconds,
    notes: report.notes,
  };
}

/** @param {Record<string, any>} result */
function row({ ok, kind, name, verdict, found, at, expected, seconds, summary, said }) {
  const mark = ok ? '✓' : '✗';
  const more = ok ? '' : `\n    ${summary ?? said}`;
  return `${mark} ${kind} ${name}: ${verdict} ${found} at ${at} (${expected}), ${Math.round(seconds)} s${more}`;
}
