/** Figures of the listeners that are observed, by call site: those that matter most, and the sums over all. */

import { lookNow, rows } from '../listeners/ledger';
import { eventName } from '../listeners/report';
import type { Row } from '../listeners/rows';
import { showSite } from '../sites/show';
import { clipLabel } from './labels';

/** One call site of an event and an emitter. */
export interface ListenerSiteFigures {
  readonly site: string;
  readonly event: string;
  readonly emitter: string;
  live: number;
  added: number;
  growing: boolean;
}

/** All of them. */
export interface ListenerFigures {
  /** Growing ones first, then those with the most live listeners. */
  readonly sites: readonly ListenerSiteFigures[];
  readonly live: number;
  readonly added: number;
  /** Call sites whose listeners accumulate. */
  readonly growing: number;
}

interface Ranked {
  row: Row;
  live: number;
  added: number;
  growing: boolean;
}

export class ListenerAccounts {
  /** Where not each addition is looked at, counts are estimates, which might fall: a counter must not. */
  readonly #most = new WeakMap<Row, number>();
  #total = 0;

  /** Looks at all observed listeners: linear in those, about 10 ms for 100,000. */
  read(maxSites: number): ListenerFigures {
    lookNow();
    const all: Ranked[] = [];
    const evicted = rows.figures(undefined);
    let { live, added } = evicted;
    let growing = 0;
    for (const row of rows) {
      const figures = rows.figures(row);
      const ranked = {
        row,
        live: figures.live,
        added: Math.max(figures.added, this.#most.get(row) ?? 0),
        growing: figures.verdict === 'growing',
      };
      this.#most.set(row, ranked.added);
      live += ranked.live;
      added += ranked.added;
      if (ranked.growing) growing++;
      all.push(ranked);
    }
    this.#total = Math.max(this.#total, added);
    all.sort((a, b) => Number(b.growing) - Number(a.growing) || b.live - a.live || b.added - a.added);
    return { sites: merge(all.slice(0, maxSites)), live, added: this.#total, growing };
  }
}

/** Two rows may have the same labels, as those of two emitters of one class: a series may be there once. */
function merge(ranked: readonly Ranked[]): ListenerSiteFigures[] {
  const sites = new Map<string, ListenerSiteFigures>();
  for (const { row, live, added, growing } of ranked) {
    const site = clipLabel(showSite(row.site));
    const event = clipLabel(eventName(row.watched.event));
    const emitter = clipLabel(row.watched.kind.label);
    const key = JSON.stringify([site, event, emitter]);
    const known = sites.get(key);
    if (known === undefined) sites.set(key, { site, event, emitter, live, added, growing });
    else {
      known.live += live;
      known.added += added;
      known.growing ||= growing;
    }
  }
  return [...sites.values()];
}
