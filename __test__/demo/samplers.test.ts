/** What the demo makes of the samplers' verdicts: its words for given ones, and how long it waits for them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

/** The examples are JavaScript without declarations. */
const load = (name: string) => import(pathToFileURL(join(__dirname, '../../examples/demo', name)).href);

const MIB = 2 ** 20;

function trend(place: string, growing: boolean, perRequest?: number) {
  const slope = perRequest && { value: perRequest, low: perRequest * 0.9, high: perRequest * 1.1 };
  return { place, growing, perRequest: slope };
}

function judged(verdict: string, more: object = {}) {
  return {
    ...{
      verdict,
      toldAfter: 81.4,
      floor: 18 * MIB,
      requests: 1000,
      trends: [trend('heap', verdict === 'leak', 3)],
    },
    ...{ evidence: `Because it is ${verdict}.`, next: `Do what ${verdict} asks for.`, ...more },
  };
}

function sampledBoth({ leaking = {}, fixed = 'healthy', forced = 2000 } = {}) {
  const trends = [trend('heap', true, 2100), trend('external', false), trend('handles', true, 0.006)];
  const leak = judged('leak', { place: 'heap', toldAfter: 96, floor: 180.25 * MIB, trends, ...leaking });
  const between = { from: MIB, to: 2 * MIB, requests: 81_234 };
  return {
    leaking: { verdict: leak, forced: { ...between, bytesPerRequest: forced } },
    fixed: { verdict: judged(fixed), forced: { ...between, bytesPerRequest: 2.4 } },
  };
}

test('the table shows both verdicts with place, floor and bytes per request beside those of forced collections', async () => {
  const { sampledTable } = await load('samplers.mjs');
  assert.deepEqual(sampledTable(sampledBoth()), [
    ['verdict', 'leak', 'healthy'],
    ['place', 'heap', '-'],
    ['grows', 'heap, handles', '-'],
    ['told after', '96 s', '81 s'],
    ['floor', '180.3 MiB', '18.0 MiB'],
    ['bytes/request', '2,100 [1,890, 2,310]', '3 [3, 3]'],
    ['by forced GC', '2,000', '2'],
  ]);
});

test('a place that is not the heap is shown as it is, first of all that grows', async () => {
  const { sampledTable, sampledVerdicts } = await load('samplers.mjs');
  const sampled = sampledBoth({ leaking: { place: 'handles' } });
  const rows = new Map(sampledTable(sampled).map(([name, ...cells]: string[]) => [name, cells]));
  assert.deepEqual(rows.get('place'), ['handles', '-']);
  assert.deepEqual(rows.get('grows'), ['handles, heap', '-']);
  assert.match(sampledVerdicts(sampled)[0].text, /^The leaking app: leak \(handles\)\./);
});

test('without a trend of the heap there are no bytes per request', async () => {
  const { sampledTable, sampledVerdicts } = await load('samplers.mjs');
  const sampled = sampledBoth({ leaking: { verdict: 'not-enough-data', place: undefined, trends: [] } });
  assert.deepEqual(sampledTable(sampled)[5], ['bytes/request', '-', '3 [3, 3]']);
  assert.equal(sampledVerdicts(sampled).length, 2, 'nothing that could agree');
});

test('the words are the evidence and the next step, and say whether both verdicts are right', async () => {
  const { sampledVerdicts } = await load('samplers.mjs');
  const says = (options: object) =>
    sampledVerdicts(sampledBoth(options)).map(({ good }: { good: boolean }) => good);
  const [leaking, fixed, agree] = sampledVerdicts(sampledBoth());
  assert.equal(
    leaking.text,
    'The leaking app: leak (heap). Because it is leak. Next: Do what leak asks for.',
  );
  assert.equal(fixed.text, 'The fixed app: healthy. Because it is healthy. Next: Do what healthy asks for.');
  assert.match(agree.text, /^Both counts agree to within 15 %: 2,100 bytes per request .* 2,000 by/);
  assert.deepEqual(says({}), [true, true, true]);
  assert.deepEqual(says({ forced: 2500 }), [true, true, false]);
  assert.deepEqual(says({ forced: 1700 }), [true, true, false]);
  assert.deepEqual(says({ fixed: 'leak' }), [true, false, true]);
  assert.deepEqual(says({ leaking: judged('healthy') }), [false, true]);
  // A leak of something else alone is not the one that the app has.
  assert.deepEqual(says({ leaking: { place: 'native', trends: [trend('native', true, 9)] } }), [false, true]);
});

test('a verdict that is not final is called so', async () => {
  const { sampledVerdicts } = await load('samplers.mjs');
  const [{ good, text }] = sampledVerdicts(
    sampledBoth({ leaking: judged('warming-up', { place: undefined }) }),
  );
  assert.equal(good, false);
  assert.match(text, /^The leaking app: no final verdict, still warming-up\. Because/);
});

/** An app whose sampler says one thing after the other, and the last for ever. */
function runner(...says: (string | ReturnType<typeof judged>)[]) {
  let turn = 0;
  return {
    app: {
      verdict: async () => {
        const said = says[Math.min(turn++, says.length - 1)] as (typeof says)[number];
        return typeof said === 'string' ? judged(said) : said;
      },
      report: async () => ({ floor: 5000 }),
    },
    slices: [{ requests: 7 }, { requests: 10 }],
    beginning: { slice: 1, report: { floor: 1000 } },
  };
}

/** Waits with a clock that each round of traffic moves on by a quarter of a second. */
async function wait(leaking: ReturnType<typeof runner>, fixed: ReturnType<typeof runner>) {
  const { awaitVerdicts } = await load('wait.mjs');
  let now = 30;
  const asked: number[] = [];
  const sampled = await awaitVerdicts(
    { leaking, fixed },
    {
      play: async () => {
        now += 0.25;
        for (const { slices } of [leaking, fixed]) slices.push({ requests: 10 });
      },
      elapsed: () => now,
      onWaiting: ({ seconds }: { seconds: number }) => asked.push(seconds),
    },
  );
  return { sampled, asked, now };
}

test('the traffic goes on until both verdicts are final, and the requests sent meanwhile count', async () => {
  const { sampled, asked } = await wait(
    runner('warming-up', judged('leak', { place: 'handles', trends: [trend('handles', true)] }), 'leak'),
    runner('not-enough-data', 'healthy', 'filling', 'healthy'),
  );
  assert.deepEqual(asked, [30, 31, 32, 33]);
  assert.equal(sampled.leaking.verdict.verdict, 'leak');
  assert.equal(sampled.fixed.verdict.verdict, 'healthy');
  // One batch before, and three times four while waiting: 130 requests, for 4,000 bytes.
  assert.deepEqual(sampled.leaking.forced, {
    ...{ from: 1000, to: 5000, requests: 130 },
    bytesPerRequest: 4000 / 130,
  });
});

test('a leak of handles alone is not yet the one that is waited for', async () => {
  const handles = judged('leak', {
    place: 'handles',
    trends: [trend('heap', false, 9), trend('handles', true)],
  });
  const { sampled, asked } = await wait(runner(handles, handles, 'leak'), runner('healthy'));
  assert.deepEqual(asked, [30, 31, 32]);
  assert.equal(sampled.leaking.verdict.trends.length, 1);
});

test('nobody waits for ever, and nobody at all for verdicts that are there', async () => {
  const { WAIT_UNTIL } = await load('wait.mjs');
  const late = await wait(runner('leak'), runner('gc-pressure'));
  assert.equal(late.now, WAIT_UNTIL);
  assert.equal(late.sampled.fixed.verdict.verdict, 'gc-pressure');
  const early = await wait(runner('leak'), runner('healthy'));
  assert.equal(early.now, 30);
});
