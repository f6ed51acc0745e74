/**
 * Writes what docs/ says about metrics from the code: the table in docs/metrics.md and the Grafana dashboard. With
 * `--check` it fails where they are stale instead. `dist/` has to be built.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDashboard } from './dashboard.mjs';
import { Failure, replaceFile, root, runMain } from './project.mjs';

const BEGIN = '<!-- begin: metrics, by `npm run docs:metrics` -->';
const END = '<!-- end -->';

await runMain(() => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const page = read('docs/metrics.md');
  const [head, rest] = page.split(BEGIN);
  if (rest === undefined || !rest.includes(END))
    throw new Failure('docs/metrics.md has no place for the table');
  const written = `${head}${BEGIN}\n\n${table()}\n\n${rest.slice(rest.indexOf(END))}`;
  const files = {
    'docs/metrics.md': written,
    'docs/grafana/plateau.json': `${JSON.stringify(buildDashboard(), null, 2)}\n`,
  };
  for (const [path, content] of Object.entries(files)) {
    if (values.check && read(path) !== content) throw new Failure(`${path} is stale: npm run docs:metrics`);
    if (!values.check) replaceFile(join(root, path), content);
  }
});

/** @param {string} path */
function read(path) {
  return readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
}

function table() {
  const { METRICS, instrumentKind, prometheusName } = createRequire(import.meta.url)('../dist/testing.cjs');
  const lines = METRICS.map((metric) => {
    const labels = metric.labels.map((label) => `\`${label}\``).join(' ') || '–';
    return (
      `| \`plateau_${prometheusName(metric)}\` | ${metric.kind} | ${labels} | ${metric.help} | ` +
      `\`plateau.${metric.name}\` | ${instrumentKind(metric)} | \`${metric.unit}\` | ${metric.merge} |`
    );
  });
  return [
    '| Prometheus | type | labels | | OpenTelemetry | instrument | unit | cluster |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
