/** Tables: what the state lists, and the numbers behind the charts. */

import { amount, bytes, count, duration, milliseconds, percent } from '../format';
import type { DashboardState } from '../types';
import { changes, make } from './dom';

/** A column: its name, and whether it is text, which may be long, or a number. */
export interface Column {
  name: string;
  text?: boolean;
}

export interface Cell {
  text: string;
  tone?: 'good' | 'bad';
}

const text = (name: string): Column => ({ name, text: true });
const number = (name: string): Column => ({ name });

/** Shows rows as a table in `host`, or `empty` where there are none. The first cell of each is its header. */
export function tableIn(
  host: HTMLElement,
  columns: Column[],
  empty: string,
): (rows: (string | Cell)[][]) => void {
  const isNew = changes();
  const body = document.createElement('tbody');
  const head = columns.map(({ name, text: isText }) => {
    const cell = make('th', isText ? 'text' : '', name);
    cell.scope = 'col';
    return cell;
  });
  const table = make('table', '', make('thead', '', make('tr', '', ...head)), body);
  const none = make('p', 'quiet', empty);
  return (rows) => {
    if (!isNew(rows)) return;
    body.replaceChildren(
      ...rows.map((cells) => make('tr', '', ...cells.map((cell, i) => cellOf(cell, columns[i], i)))),
    );
    host.replaceChildren(rows.length === 0 ? none : table);
  };
}

function cellOf(content: string | Cell, column: Column | undefined, index: number): HTMLElement {
  const { text, tone = '' } = typeof content === 'string' ? { text: content } : content;
  const cell = make(index === 0 ? 'th' : 'td', `${column?.text ? 'text ' : ''}${tone}`.trim(), text);
  if (index === 0) cell.setAttribute('scope', 'row');
  return cell;
}

type Show = (state: DashboardState) => void;

export function trendsIn(host: HTMLElement): Show {
  const columns = [text('signal'), text('growing'), number('from'), number('to'), number('per second')];
  const more = [number('per request'), number('chance'), number('2nd half / 1st'), number('over')];
  const show = tableIn(host, [...columns, ...more], 'Nothing has been judged yet.');
  return ({ verdict }) =>
    show(
      verdict.trends.map(({ place, growing, from, to, perSecond, perRequest, p, decay, seconds, points }) => [
        place,
        growing ? { text: 'yes', tone: 'bad' } : 'no',
        amount(place, from),
        amount(place, to),
        slope(place, perSecond),
        perRequest ? slope(place, perRequest) : '–',
        p < 0.001 ? '< 0.001' : p.toFixed(3),
        Number.isFinite(decay) ? decay.toFixed(2) : '–',
        `${duration(seconds)}, ${count(points)} points`,
      ]),
    );
}

function slope(place: string, { value, low, high }: { value: number; low: number; high: number }): string {
  return `${amount(place, value)} (${amount(place, low)} to ${amount(place, high)})`;
}

export function cachesIn(host: HTMLElement): Show {
  const columns = [
    text('cache'),
    number('hit ratio'),
    number('entries'),
    number('of'),
    number('bytes'),
    number('of'),
  ];
  const show = tableIn(host, [...columns, number('evicted')], 'There is no cache with a name.');
  return ({ caches }) =>
    show(
      caches.map(({ name, shared, ...cache }) => {
        const { hits, misses, hitRatio, entries, maxEntries, bytes: held, maxBytes, evicted } = cache;
        return [
          shared ? `${name} (shared)` : name,
          hits + misses === 0 ? '–' : percent(hitRatio),
          count(entries),
          maxEntries === null ? '–' : count(maxEntries),
          held === 0 && maxBytes === null ? 'not measured' : bytes(held),
          maxBytes === null ? '–' : bytes(maxBytes),
          count(evicted),
        ];
      }),
    );
}

export function listenersIn(host: HTMLElement): Show {
  const columns = [text('call site'), text('event'), text('on'), text('verdict'), number('live')];
  const more = [number('added'), number('removed'), number('oldest'), text('request')];
  const show = tableIn(host, [...columns, ...more], 'No listeners are observed: see trackListeners.');
  return ({ listeners }) =>
    show(
      listeners.map(({ site, event, emitter, verdict, live, added, removed, oldest, request }) => [
        site,
        event,
        emitter,
        { text: verdict, tone: verdict === 'growing' ? ('bad' as const) : ('good' as const) },
        count(live),
        count(added),
        count(removed),
        // Seconds that pass by themselves would make every row new every time.
        oldest === undefined ? '–' : duration(Math.round(oldest / 5000) * 5),
        request ?? '',
      ]),
    );
}

export function scopesIn(host: HTMLElement): Show {
  const columns = [text('made at'), number('live'), number('oldest'), text('holding'), text('names')];
  const show = tableIn(host, columns, 'No scopes live.');
  return ({ scopes }) =>
    show(
      scopes.map(({ site, live, oldestAge, resources, names }) => [
        site,
        count(live),
        duration(Math.round(oldestAge / 5000) * 5),
        Object.entries(resources)
          .map(([kind, held]) => `${held} ${kind}`)
          .join(', '),
        names.join(', '),
      ]),
    );
}

export function isolatesIn(host: HTMLElement): Show {
  const columns = [
    text('process, thread'),
    text('verdict'),
    number('floor'),
    number('growth'),
    number('RSS'),
  ];
  const more = [number('collecting'), number('loop delay'), text('state')];
  const show = tableIn(host, [...columns, ...more], 'None is known.');
  return ({ isolates }) =>
    show(
      isolates.map(({ pid, thread, self, running, verdict, place, uneven, ...figures }) => [
        `${pid}, ${thread === 0 ? 'main' : `worker ${thread}`}${self ? ' (this)' : ''}`,
        verdictCell(verdict, place),
        figures.floor === 0 ? '–' : bytes(figures.floor),
        figures.perSecond === undefined ? '–' : `${amount(place, figures.perSecond)}/s`,
        bytes(figures.rss),
        percent(figures.gcShare),
        milliseconds(figures.loopDelay),
        uneven === undefined
          ? running
            ? 'running'
            : 'silent'
          : { text: `stands out: ${uneven}`, tone: 'bad' as const },
      ]),
    );
}

function verdictCell(verdict: string, place: string | undefined): Cell {
  const text = place === undefined ? verdict : `${verdict} (${place})`;
  return verdict === 'leak' ? { text, tone: 'bad' } : { text };
}
