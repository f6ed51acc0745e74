/** What a bounded log costs beside the array it replaces, and recentRequests a request. */

import { reportTimes } from '../harness/times.mjs';

const CONTENDERS = ['array', 'plateau', 'plateau+maxAge', 'plateau+maxBytes'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: [],
  turns: true,
  rounds: 5,
  quickRounds: 2,
  timeout: 120_000,
  packages: ['plateau', 'express', 'autocannon'],
  always: ['array', 'bare'],
  rows: ({ quick }) => [
    ...[1000, 100_000].map((entries) => ({
      id: `push/${entries / 1000}k`,
      title: `a record is pushed into a log that holds ${entries.toLocaleString('en-US')}, and the oldest leaves`,
      contenders: CONTENDERS,
      task: { op: 'push', entries, duration: quick ? 100 : 400 },
    })),
    {
      id: 'request',
      title: 'a request of an Express app: nothing more, and recorded',
      contenders: ['bare', 'recentRequests'],
      task: { op: 'request', duration: quick ? 1000 : 4000 },
    },
  ],
  report: reportTimes,
  targets: () => [],
};
