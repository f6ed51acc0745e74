/** What expressions of Prometheus say, as far as it takes to know whether it can be true. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS, prometheusName } from '../../dist/testing.cjs';

const labelsByMetric = new Map(
  METRICS.map((metric) => [`plateau_${prometheusName(metric)}`, new Set(metric.labels)]),
);
/** What Prometheus adds. */
const ADDED = new Set(['job', 'instance']);

/** The names of plateau's metrics in the text, each of which, and each label selected of it, must exist. */
export function metricsIn(text: string): string[] {
  const found: string[] = [];
  for (const [, name = '', selector = ''] of text.matchAll(/\b(plateau_\w+)(?:\{([^}]*)\})?/g)) {
    const labels = labelsByMetric.get(name);
    assert.ok(labels, `there is no metric ${name}`);
    for (const [, label = ''] of selector.matchAll(/(\w+) *(?:=~|!~|!=|=)/g)) {
      assert.ok(labels.has(label) || ADDED.has(label), `${name} has no label ${label}`);
    }
    found.push(name);
  }
  return found;
}

/** The part of a dashboard that is looked at. */
export interface Dashboard {
  uid: string;
  schemaVersion: number;
  templating: { list: { name: string }[] };
  panels: {
    id: number;
    type: string;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    datasource?: object;
    targets?: { refId: string; expr: string; datasource: object }[];
  }[];
}

export function loadDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(__dirname, '../../docs/grafana/plateau.json'), 'utf8'));
}

/** The expressions of all panels, as Grafana sends them where all is selected. */
export function expressionsOf({ panels }: Dashboard): string[] {
  const written = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return written.map((expr) => expr.replace(/\$__rate_interval/g, '30s').replace(/\$\w+/g, '.*'));
}
