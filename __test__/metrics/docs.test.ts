/** What docs/ says about metrics is true: the table, and the dashboard. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRICS, prometheusName } from '../../dist/testing.cjs';
import { expressionsOf, loadDashboard, metricsIn } from './expressions';
import { promtool, temporary, withoutPrometheus } from './prometheus';

const root = join(__dirname, '../..');

test('the table in docs/metrics.md and the dashboard are those that the code makes', () => {
  execFileSync(process.execPath, [join(root, 'scripts/metrics-docs.mjs'), '--check'], { stdio: 'pipe' });
});

test('names follow the conventions of Prometheus, and none is there twice', () => {
  const names = METRICS.map(prometheusName);
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(METRICS.map(({ name }) => name)).size, names.length);
  for (const [index, name] of names.entries()) {
    const metric = METRICS[index];
    assert.match(name, /^[a-z][a-z0-9_]*[a-z0-9]$/);
    assert.doesNotMatch(name, /_(?:ms|milliseconds|minutes|percent|kb|mb|count)(?:_|$)/);
    assert.equal(name.endsWith('_total'), metric?.kind === 'counter', name);
    assert.ok((metric?.help.length ?? 0) > 10 || metric?.help === 'Its bound', name);
    assert.doesNotMatch(metric?.help ?? '', /\.$/);
  }
});

test('each panel of the dashboard asks the data source that is chosen, for metrics that exist', () => {
  const dashboard = loadDashboard();
  assert.equal(dashboard.uid, 'plateau');
  assert.ok(dashboard.schemaVersion >= 36);
  const names = dashboard.templating.list.map(({ name }) => name);
  assert.deepEqual(names, ['datasource', 'job', 'instance', 'thread']);
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  assert.ok(panels.length >= 15);
  for (const { title, targets = [], datasource } of panels) {
    assert.ok(targets.length > 0, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, `${title}: a refId each`);
    for (const each of [datasource, ...targets.map((target) => target.datasource)]) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dashboard
      assert.deepEqual(each, { type: 'prometheus', uid: '${datasource}' }, title);
    }
    for (const { expr } of targets) assert.ok(metricsIn(expr).length > 0, title);
  }
  const used = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))));
  const needed = ['heap_floor_bytes', 'memory_verdict', 'memory_slope_bytes_per_second', 'cache_hits_total'];
  needed.push('listener_site_live', 'gc_share_ratio', 'loop_delay_seconds', 'memory_time_to_limit_seconds');
  for (const name of needed) assert.ok(used.has(`plateau_${name}`), name);
});

test('panels have a number each and do not overlap', () => {
  const { panels } = loadDashboard();
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = new Set<string>();
  for (const { title, gridPos } of panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!cells.has(`${x},${y}`), `${title} lies over another panel`);
        cells.add(`${x},${y}`);
      }
    }
  }
});

test('Prometheus can read every expression of the dashboard', { skip: withoutPrometheus }, (t) => {
  const rules = expressionsOf(loadDashboard()).map((expr, index) => ({ record: `panel_${index}`, expr }));
  const file = join(temporary(t), 'panels.json');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  assert.match(promtool(['check', 'rules', file]), /SUCCESS/);
});
