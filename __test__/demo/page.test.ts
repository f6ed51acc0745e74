/** The demo's page and numbers, from made-up measurements. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

/** The examples are JavaScript without declarations. */
const load = (name: string) => import(pathToFileURL(join(__dirname, '../../examples/demo', name)).href);

const HOSTILE = `</script></style><img src=x onerror="alert('1')">&amp;`;

const app = {
  ...{
    requests: 1,
    requestsPerSecond: 1,
    p99: 1,
    cpuPerRequest: 1,
    hitRatio: 1,
    entries: 1,
    held: {},
    bounds: {},
  },
  ...{ floorStart: 1, floorEnd: 2, slope: 1, rss: 1 },
  samples: [{ seconds: HOSTILE, floor: 1, entries: 1 }],
  diagnosis: [HOSTILE],
};
const judged = {
  ...{ verdict: 'leak', place: 'heap', toldAfter: 1, floor: 1, requests: 1 },
  ...{ evidence: HOSTILE, next: HOSTILE, trends: [] },
};
const sampled = { verdict: judged, forced: { from: 1, to: 2, requests: 1, bytesPerRequest: 1 } };
const result = {
  ...{
    warmUpSeconds: 1,
    seconds: 1,
    batches: HOSTILE,
    requestsPerBatch: HOSTILE,
    connections: 1,
    otherPrograms: 1,
  },
  apps: { leaking: app, fixed: app },
  fixedToLeaking: { requestsPerSecond: 1, p99: 1, cpuPerRequest: 1, slope: 1 },
  sampled: { leaking: sampled, fixed: sampled },
};
const machine = { cpu: HOSTILE, cores: 2, platform: HOSTILE, node: HOSTILE };

test('no text that enters the page is markup', async () => {
  const { renderPage } = await load('page.mjs');
  const page: string = renderPage(result, machine);
  assert.ok(!page.includes('<img'));
  assert.ok(!page.includes('&amp;<'), 'what looks escaped is escaped again');
  assert.ok(page.includes('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;amp;'));
  assert.equal(page.match(/<\/script>/g)?.length, 3, 'the data, the chart library and the chart');
  assert.equal(page.match(/<\/style>/g)?.length, 1);
});

test('the page keeps its data as it was, and allows no scripts but its own', async () => {
  const { renderPage } = await load('page.mjs');
  const page: string = renderPage(result, machine);
  const data = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)?.[1];
  assert.deepEqual(JSON.parse(String(data)).seconds, [HOSTILE]);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  const hashes = /script-src (?:(?:&#39;|')sha256-[\w+/=]+(?:&#39;|') ?){2}$/;
  assert.match(String(policy), /default-src (?:&#39;|')none/);
  assert.match(String(policy), hashes);
});

test('the chart fits every width, with both curves named and a quarter of the scale between labels', async () => {
  const { drawChart } = await load('chart.mjs');
  const curve = (rise: number) => ({
    floorEnd: (20 + 30 * rise) * 2 ** 20,
    samples: Array.from({ length: 30 }, (_, i) => ({
      seconds: i,
      floor: (20 + i * rise) * 2 ** 20,
      entries: i,
    })),
  });
  for (const columns of [20, 46, 80, 300]) {
    for (const rise of [0, 1, 50]) {
      const drawn: string = drawChart(
        { warmUpSeconds: 3, apps: { leaking: curve(rise), fixed: curve(0) } },
        { columns, color: false },
      );
      assert.match(drawn, /leaking [\d.]+ MiB/);
      assert.match(drawn, /fixed [\d.]+ MiB/);
      if (columns >= 46) {
        for (const line of drawn.split('\n')) assert.ok(line.length <= columns, `${columns}: ${line}`);
      }
    }
  }
});

test('the slope is that of most samples, whatever a few of them say', async () => {
  const { theilSen, quantile } = await load('statistics.mjs');
  const points = Array.from({ length: 21 }, (_, x) => ({ x, y: 3 * x + 7 }));
  points[4].y = 900;
  points[19].y = -500;
  assert.equal(theilSen(points), 3);
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([5], 0.99), 5);
});
