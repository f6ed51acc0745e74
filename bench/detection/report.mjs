/** What the contenders said, beside what is known of the programs. */

import { median } from '../harness/statistics.mjs';
import { number } from '../harness/table.mjs';

/** The simple rule accuses above this statistic: one side of the normal distribution, 1 %. */
const ACCUSED = 2.326;
/** Where forced collections show what a request leaks. */
const COLLECTED = new Set(['heap', 'external']);

export function report(rows, results) {
  const recorded = rows.flatMap((row) => results.samples(row.id, 'recording').map(({ file }) => file));
  if (recorded.length > 0) return { tables: [], notes: recorded, data: recorded };
  const judged = rows.map((row) => judge(row, results));
  return {
    tables: [leaking(judged), healthy(judged)].filter((table) => table.rows.length > 0),
    notes: [
      'leak after: seconds from the start of the load; place right: one of those in which the leak shows',
      'per request: bytes, or descriptors or handles; known: by construction, or the floors of forced collections (~)',
      `simple rule: Mann–Kendall on the last half of the floors of a full collection every 2 s, accused above ${ACCUSED}`,
      ...rows.flatMap((row) => row.contenders.flatMap((id) => troubles(row, id, results))),
    ],
    data: judged,
  };
}

/** What makes a figure doubtful. */
function troubles({ id }, contender, results) {
  const errors = results.errors(id, contender);
  const failures = results.samples(id, contender).flatMap((sample) => {
    const { failures: failed, requests } = sample;
    return failed > 0 ? [`${number(failed)} of ${number(requests)} requests failed`] : [];
  });
  return [...errors, ...failures].map((text) => `${id} ${contender}: ${text}`);
}

/** One program: what plateau and the simple rule said. */
function judge({ id, known }, results) {
  const [ours] = results.samples(id, 'plateau');
  const [simple] = results.samples(id, 'mann-kendall');
  const truth = known.perRequest ?? (COLLECTED.has(known.place) ? simple?.perRequest : undefined);
  return {
    id,
    kind: known.kind,
    place: known.place,
    truth,
    truthIsMeasured: known.perRequest === undefined,
    ours: ours && verdictOf(ours, known),
    simple: simple && { accused: simple.z > ACCUSED, z: simple.z },
  };
}

function verdictOf({ verdicts, alarms, final, requests, seconds: took }, known) {
  const leaks = verdicts.filter(({ verdict }) => verdict === 'leak');
  const last = final.verdict === 'leak' ? final : leaks.at(-1);
  return {
    requests,
    accused: leaks.length > 0 || final.verdict === 'leak',
    // The last word may come after the last event.
    after: leaks[0]?.after ?? (final.verdict === 'leak' ? took : undefined),
    firstPlace: leaks[0]?.place,
    place: last?.place,
    right: last !== undefined && known.right.includes(last.place),
    perRequest: last?.perRequest,
    final: final.verdict,
    alarms: alarms.length,
    said: verdicts.map(
      ({ after, verdict, place }) => `${number(after)} s ${verdict}${place ? ` (${place})` : ''}`,
    ),
    evidence: last?.evidence ?? final.evidence,
  };
}

function leaking(judged) {
  return {
    title: 'programs that leak',
    columns: ['program', '<place', '<found', 'leak after', 'per request', '95 %', 'known', '<simple rule'],
    rows: judged
      .filter(({ kind }) => kind === 'leaking')
      .map(({ id, place, truth, truthIsMeasured, ours, simple }) => [
        id,
        place,
        ours === undefined ? '–' : found(ours),
        seconds(ours?.after),
        amount(ours?.perRequest?.value),
        ours?.perRequest ? `${amount(ours.perRequest.low)} to ${amount(ours.perRequest.high)}` : '–',
        // What is known of one place says nothing of another where the leak shows as well.
        truth === undefined || (ours?.place ?? place) !== place
          ? '–'
          : `${truthIsMeasured ? '~' : ''}${amount(truth)}`,
        said(simple),
      ]),
  };
}

function healthy(judged) {
  return {
    title: 'programs that only look like it',
    columns: ['program', '<in the end', '<accused', '<said', '<simple rule'],
    rows: judged
      .filter(({ kind }) => kind === 'healthy')
      .map(({ id, ours, simple }) => [
        id,
        ours?.final ?? '–',
        ours === undefined ? '–' : ours.accused ? `YES: ${ours.firstPlace ?? ours.place}` : 'no',
        ours?.said.join(', ') ?? '–',
        said(simple),
      ]),
  };
}

function found({ accused, right, place }) {
  if (!accused) return 'NO';
  return right ? place : `WRONG: ${place}`;
}

const said = (simple) => (simple === undefined ? '–' : simple.accused ? 'accused' : 'no');
const seconds = (value) => (value === undefined ? '–' : `${number(value)} s`);
/** Bytes as they are, shares of a descriptor with decimals. */
const amount = (value) => number(value, Math.abs(value) < 10 ? 3 : 0);

/** @returns {import('../harness/targets.mjs').Target[]} */
export function targets(rows, results) {
  const judged = rows.map((row) => judge(row, results));
  const of = (kind, field) => judged.filter((each) => each.kind === kind && each[field] !== undefined);
  const leaks = of('leaking', 'ours');
  const fine = of('healthy', 'ours');
  const after = (name) => judged.find(({ id }) => id === `leaking/${name}`)?.ours?.after;
  const count = (list, test) => (list.length === 0 ? undefined : list.filter(test).length);
  return [
    { name: 'leaks found', measured: count(leaks, ({ ours }) => ours.accused), atLeast: leaks.length },
    { name: 'leaks placed right', measured: count(leaks, ({ ours }) => ours.right), atLeast: leaks.length },
    { name: 'healthy programs accused', measured: count(fine, ({ ours }) => ours.accused), atMost: 0 },
    {
      name: 'time to the verdict, median',
      measured: median(leaks.map(({ ours }) => ours.after ?? Infinity)),
      unit: ' s',
    },
    {
      name: 'time to the verdict, 2 KB per request',
      measured: after('two-kb'),
      atMost: 120,
      unit: ' s',
      detail: '90 s after a warm-up of 30 s',
    },
    { name: 'time to the verdict, 64 B per request', measured: after('slow-64'), atMost: 600, unit: ' s' },
    ...simpleRule(of('leaking', 'simple'), of('healthy', 'simple')),
  ];
}

function simpleRule(leaks, fine) {
  const accused = (list) => list.filter(({ simple }) => simple.accused).length;
  if (leaks.length + fine.length === 0) return [];
  return [
    { name: 'simple rule: leaks found', measured: accused(leaks), detail: `of ${leaks.length}` },
    { name: 'simple rule: healthy accused', measured: accused(fine), detail: `of ${fine.length}` },
  ];
}
