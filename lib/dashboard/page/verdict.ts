/** The verdict: in a word, why, what to do, and the figures that belong to it. */

import { amount, bytes, clock, count, duration, percent } from '../format';
import type { DashboardState } from '../types';
import { verdictTone, verdictWords } from '../words';
import { byId, changes, make, setText } from './dom';

const isNew = changes();

export function showVerdict({ verdict, sample, running }: DashboardState): void {
  const words = verdictWords(verdict);
  setText(byId('verdict'), words + (running ? '' : ' (the sampler has been stopped)'));
  setText(byId('evidence'), verdict.evidence);
  setText(byId('next'), verdict.next);
  byId('verdict-section').dataset.tone = verdictTone(verdict);
  document.title = `${words} – ${byId('title').textContent}`;
  showFacts(facts(verdict, sample));
}

type Fact = [name: string, value: string];

function facts(verdict: DashboardState['verdict'], sample: DashboardState['sample']): Fact[] {
  const { place, perSecond, perRequest, onset, secondsToHeapLimit, secondsToCgroupLimit } = verdict;
  const list: Fact[] = [['Confidence', percent(verdict.confidence)]];
  if (verdict.since > 0) list.push(['Since', clock(verdict.since)]);
  if (onset !== undefined) list.push(['Growth began', clock(onset)]);
  if (perSecond) list.push(['Growth', `${amount(place, perSecond.value)} per second`]);
  if (perRequest) list.push(['Per request', amount(place, perRequest.value)]);
  if (secondsToHeapLimit !== undefined) list.push(['Heap limit in', duration(secondsToHeapLimit)]);
  if (secondsToCgroupLimit !== undefined) list.push(['Container limit in', duration(secondsToCgroupLimit)]);
  if (sample === null) return list;
  const { heap, process, cgroup, requests, handles, gc, loop } = sample;
  list.push(['Heap floor', heap.floor === 0 ? 'no major collection yet' : bytes(heap.floor)]);
  list.push(['Heap limit', bytes(heap.limit)], ['RSS', bytes(process.rss)]);
  if (cgroup) list.push(['Container', `${bytes(cgroup.used)} of ${bytes(cgroup.limit)}`]);
  list.push(['Collecting', percent(gc.share)], ['Loop busy', percent(loop.utilization)]);
  list.push(['Requests', `${count(requests.rate)} per second`]);
  list.push(['Descriptors', count(process.descriptors)], ['Handles', count(handles.count)]);
  return list;
}

function showFacts(list: Fact[]): void {
  if (!isNew(list)) return;
  byId('facts').replaceChildren(
    ...list.map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value))),
  );
}
