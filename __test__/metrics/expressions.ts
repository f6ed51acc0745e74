/** What expressions of Prometheus say, as far as it takes to know whether it can be true. */

import assert from 'node:assert/strict';
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
