/** Figures of the live scopes, by the place in the program that made them. */

import { type ScopeSite, scopeReport } from '../scope/report';
import { clipLabel } from './labels';

/** All of them. */
export interface ScopeFigures {
  /** Those with the most live scopes. `oldestAge` is in ms. */
  readonly sites: readonly Pick<ScopeSite, 'site' | 'live' | 'oldestAge'>[];
  readonly live: number;
  /** What they hold, by kind. */
  readonly resources: ReadonlyMap<string, number>;
}

/** Linear in the places in the program, of which there are at most a thousand. */
export function readScopes(maxSites: number): ScopeFigures {
  const report = scopeReport();
  const resources = new Map<string, number>();
  for (const site of report.sites) {
    for (const [kind, count] of Object.entries(site.resources)) {
      resources.set(kind, (resources.get(kind) ?? 0) + count);
    }
  }
  const sites = new Map<string, { site: string; live: number; oldestAge: number }>();
  for (const { site, live, oldestAge } of report.sites.slice(0, maxSites)) {
    const label = clipLabel(site);
    const known = sites.get(label);
    sites.set(label, {
      site: label,
      live: live + (known?.live ?? 0),
      oldestAge: Math.max(oldestAge, known?.oldestAge ?? 0),
    });
  }
  return { sites: [...sites.values()], live: report.live, resources };
}
