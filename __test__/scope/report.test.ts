/** In a file of its own: of the first 200 scopes of a thread all places are known, and of later ones a sample. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createScope, scopeReport } from 'plateau';

test('scopeReport lists live scopes by place, with what they hold, and forgets those that ended', async () => {
  const before = scopeReport().live;
  const bus = new EventEmitter();
  const scopes = [1, 2, 3].map((n) => createScope({ name: `n${n}` }));
  for (const scope of scopes) {
    scope.on(bus, 'x', () => {});
    scope.setInterval(() => {}, 1000);
  }
  const report = scopeReport();
  const site = report.sites.find(({ names }) => names.includes('n1'));
  assert.equal(report.live, before + 3);
  assert.match(site?.site ?? '', /report\.test\.ts:\d+$/);
  assert.deepEqual(site?.resources, { listener: 3, timer: 3 });
  assert.deepEqual([site?.live, site?.names, typeof site?.oldestAge], [3, ['n1', 'n2', 'n3'], 'number']);
  assert.match(`${report}`, /3 listeners, 3 timers/);
  assert.equal(JSON.parse(JSON.stringify(report)).live, report.live);
  for (const scope of scopes) await scope.dispose();
  assert.equal(scopeReport().live, before);
});

test('many scopes of one place are counted to the last, sampled or not', () => {
  const before = scopeReport().live;
  const scopes = Array.from({ length: 5000 }, () => createScope());
  const { live, notSampled, sites } = scopeReport();
  assert.equal(live, before + 5000);
  assert.ok(notSampled > 0);
  assert.equal(sites.find(({ site }) => site === '(not sampled)')?.live, notSampled);
  for (const scope of scopes) void scope.dispose();
  assert.equal(scopeReport().live, before);
});
