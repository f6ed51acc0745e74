/**
 * The script of the page: it listens to the stream of events, fetches the past, and shows both. It closes the stream
 * while nobody can see the page.
 */

import { bytes, duration, milliseconds, percent } from '../format';
import type { DashboardHistory, DashboardState } from '../types';
import { Chart } from './chart';
import { byId, setText } from './dom';
import { type Range, Series } from './series';
import { cachesIn, isolatesIn, listenersIn, scopesIn, trendsIn } from './tables';
import { showVerdict } from './verdict';

/** Without news for so long, in ms, the connection is taken to be lost. */
const SILENCE = 5000;
const RETRY = 10_000;

/** The page may have been asked for with or without a slash at its end. */
const base = location.pathname.replace(/\/*$/, '/');
const series = new Series();
const limitShown = byId<HTMLInputElement>('limit');

const heap = new Chart('heap', [
  { name: 'used', ink: 'used', value: ({ used }) => used, format: bytes },
  { name: 'floor', ink: 'floor', value: ({ floor }) => floor, format: bytes, width: 3 },
  {
    name: 'limit',
    ink: 'bad',
    value: () => series.limit || null,
    drawn: () => (limitShown.checked ? series.limit || null : null),
    format: bytes,
    dashed: true,
  },
]);
// The topmost first: each is painted over by those below it.
const split = new Chart('split', [
  {
    name: 'native',
    ink: 'native',
    value: ({ native }) => native,
    drawn: ({ used, external, native }) => used && used + external + native,
    format: bytes,
    filled: true,
  },
  {
    name: 'buffers',
    ink: 'external',
    value: ({ external }) => external,
    drawn: ({ used, external }) => used && used + external,
    format: bytes,
    filled: true,
  },
  { name: 'heap', ink: 'heap', value: ({ used }) => used, format: bytes, filled: true },
  { name: 'RSS', ink: 'rss', value: ({ rss }) => rss, format: bytes, width: 2, dashed: true },
]);
const cost = new Chart('cost', [
  { name: 'collecting', ink: 'floor', value: ({ gcShare }) => gcShare, format: percent },
  { name: 'loop delay', ink: 'heap', value: ({ loopDelay }) => loopDelay, format: milliseconds, right: true },
]);
const charts = [heap, split, cost];
const tables = [
  trendsIn(byId('trends')),
  cachesIn(byId('caches')),
  listenersIn(byId('listeners')),
  scopesIn(byId('scopes')),
  isolatesIn(byId('isolates')),
];

let source: EventSource | undefined;
let heardAt = 0;

function connect(): void {
  source?.close();
  source = new EventSource(`${base}events`);
  heardAt = performance.now();
  source.addEventListener('open', () => void fetchPast());
  source.addEventListener('state', ({ data }) => {
    heardAt = performance.now();
    say('live', true);
    show(JSON.parse(data));
  });
  source.addEventListener('error', () => {
    // Lost connections the browser takes up again by itself, refusals it does not.
    say(source?.readyState === EventSource.CLOSED ? 'refused; trying again' : 'lost; trying again', false);
  });
}

function show(state: DashboardState): void {
  const { pid, thread, uptime, node, plateau } = state.process;
  setText(byId('title'), state.title === undefined ? 'Memory' : `Memory of ${state.title}`);
  const isolate = thread === 0 ? '' : `, worker ${thread}`;
  setText(
    byId('process'),
    `Process ${pid}${isolate}, up ${duration(uptime)}, Node ${node}, plateau ${plateau}.`,
  );
  showVerdict(state);
  for (const table of tables) table(state);
  if (series.append(state)) draw();
  setText(byId('limit-value'), series.limit === 0 ? '–' : bytes(series.limit));
  if (Date.now() >= series.dueAt) void fetchPast();
}

async function fetchPast(): Promise<void> {
  const { range } = series;
  series.dueAt = Number.POSITIVE_INFINITY;
  try {
    const response = await fetch(`${base}history.json?range=${range}`, { cache: 'no-store' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const history: DashboardHistory = await response.json();
    // Another range may have been chosen meanwhile.
    if (range !== series.range) return;
    series.replace(history, Date.now());
    draw();
  } catch {
    say('the past could not be read; trying again', false);
    series.dueAt = Date.now() + RETRY;
  }
}

function draw(): void {
  heap.show(series.points, limitShown.checked ? series.limit : 0);
  split.show(series.points);
  cost.show(series.points);
}

function say(text: string, live: boolean): void {
  const connection = byId('connection');
  setText(connection, text);
  connection.dataset.live = String(live);
}

byId('range').addEventListener('change', ({ target }) => {
  series.range = (target as HTMLInputElement).value as Range;
  void fetchPast();
});
limitShown.addEventListener('change', draw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of charts) chart.redraw();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') connect();
  else source?.close();
});
setInterval(() => {
  if (document.visibilityState !== 'visible') return;
  const silent = performance.now() - heardAt;
  if (source?.readyState === EventSource.CLOSED ? silent > RETRY : silent > 2 * RETRY) connect();
  else if (silent > SILENCE) say(`no news for ${duration(silent / 1000)}`, false);
}, 1000);
connect();
