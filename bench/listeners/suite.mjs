/** What trackers and observation cost an emitter, and requestScope a request. */

import { spread } from '../harness/statistics.mjs';
import { reportTimes, timeRatio, timesOf } from '../harness/times.mjs';

/** Per row the contender that the others are compared with, and the most that they may take. */
const LIMITS = {
  'add-remove': { tracker: 1.5 },
  emit: { observed: 1.02 },
  request: { 'scope+tracker': 1 / 0.97 },
};
/** Nanoseconds that `trackListeners` may take for an emitter that is observed. */
const AGAIN = 100;

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc'],
  turns: true,
  rounds: 9,
  quickRounds: 3,
  timeout: 120_000,
  packages: ['plateau', 'express', 'autocannon'],
  always: ['bare', 'bare+classes', 'noop'],
  rows: ({ quick }) => [
    ...[0, 1, 10].map((others) => ({
      id: `add-remove/${others}`,
      title: `a listener is added and removed; the event has ${others || 'no'} other listener${others === 1 ? '' : 's'}`,
      contenders: ['bare', 'observed', 'tracker'],
      task: { op: 'add-remove', others, duration: quick ? 100 : 400 },
    })),
    ...[1, 10].map((others) => ({
      id: `emit/${others}`,
      title: `an event is emitted to ${others} listener${others === 1 ? '' : 's'}`,
      contenders: ['bare', 'observed'],
      task: { op: 'emit', others, duration: quick ? 100 : 400 },
    })),
    {
      id: 'track-again',
      title: 'trackListeners of an emitter that is observed already',
      contenders: ['noop', 'tracker'],
      task: { op: 'track-again', others: 1, duration: quick ? 100 : 400 },
    },
    {
      id: 'request',
      title:
        'a request of an Express app: nothing more, a middleware that does nothing, a listener added and removed by hand, and by plateau',
      contenders: ['bare', 'middleware', 'by hand', 'scope+tracker', 'scope+tracker, no classes'],
      task: { op: 'request', duration: quick ? 1000 : 4000 },
    },
    {
      id: 'request-classes',
      title:
        'the same where the server of the app with nothing more is given the classes by hand that requestScope() gives it',
      contenders: ['bare+classes', 'scope+tracker'],
      task: { op: 'request', duration: quick ? 1000 : 4000 },
    },
    {
      id: 'alternate',
      title:
        'the same beside an app with nothing more, in one process, requests by chance to one or the other',
      contenders: ['bare', 'middleware', 'by hand', 'scope+tracker'],
      rounds: 5,
      task: { op: 'request', beside: 'bare', duration: quick ? 2000 : 10_000 },
    },
  ],
  report: reportTimes,
  targets,
};

function targets(rows, results) {
  return rows.flatMap((row) => {
    if (row.id === 'track-again') {
      const ratio = spread(
        timesOf(row, 'tracker', results).map((ns, round) => ns - (timesOf(row, 'noop', results)[round] ?? 0)),
      );
      return [{ name: 'track-again: time', measured: ratio?.median, atMost: AGAIN, unit: ' ns' }];
    }
    const limits = LIMITS[row.id.split('/')[0]] ?? {};
    return Object.entries(limits).map(([id, atMost]) => ({
      name: `${row.id}: time of ${id} / ${row.contenders[0]}`,
      measured: timeRatio(row, id, results)?.median,
      atMost: Number(atMost.toFixed(3)),
      unit: '×',
    }));
  });
}
