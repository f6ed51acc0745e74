/** The alert rules of docs/prometheus: well-formed, about metrics that exist, and doing what they say. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricsIn } from './expressions';
import { promtool, temporary, withoutPrometheus } from './prometheus';

const path = join(__dirname, '../../docs/prometheus/alerts.yml');

test('promtool finds nothing wrong with the rules', { skip: withoutPrometheus }, () => {
  assert.match(promtool(['check', 'rules', path]), /SUCCESS: [1-9]\d* rules found/);
});

test('each rule fires when it should and not when it should not', { skip: withoutPrometheus }, (t) => {
  const cases = readFileSync(join(__dirname, 'alerts.test.yml'), 'utf8');
  const names = [...readFileSync(path, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  for (const name of names) assert.match(cases, new RegExp(`alertname: ${name}\\b`), `${name} has a test`);
  const file = join(temporary(t), 'cases.yml');
  writeFileSync(file, cases.replace('RULES', JSON.stringify(path)));
  assert.match(promtool(['test', 'rules', file]), /SUCCESS/);
});

test('the rules are about metrics that exist', () => {
  const expressions = readFileSync(path, 'utf8').replace(/^ *#.*$/gm, '');
  assert.ok(metricsIn(expressions).length >= 7);
});
