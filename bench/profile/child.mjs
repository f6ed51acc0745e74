/** Measures one contender in one row. */

import { setTimeout as sleep } from 'node:timers/promises';
import { profileGrowth } from 'plateau';
import { runChild } from '../harness/child.mjs';
import { measureRequests } from '../harness/requests.mjs';

const MIB = 2 ** 20;
/** Longer than warm-up and measurement take: what a profile costs at its end is in the other rows. */
const BEYOND = 20_000;

await runChild((task) => (task.op === 'request' ? request(task) : pause(task)));

async function request({ contender, duration }) {
  const [, kib] = /^profile@(\d+)KiB$/.exec(contender) ?? [];
  const measured = await measureRequests({
    duration,
    prepare: (app, answer) => {
      app.get('/products/:id', (_req, res) => answer(res));
      if (kib !== undefined)
        void profileGrowth({ duration: duration + BEYOND, interval: Number(kib) * 1024 });
    },
  });
  return { ...measured, perSecond: (measured.requests * 1000) / duration };
}

/** For how long the event loop stands still, with so much in the heap. */
async function pause({ contender, mib }) {
  const kept = contender === 'small objects' ? smallObjects(mib) : strings(mib);
  await sleep(1000);
  const alive = setInterval(() => {}, 1000);
  const { pause: stopped, heap } = await profileGrowth({ duration: 2000 });
  clearInterval(alive);
  return { start: stopped.start, end: stopped.end, heapMiB: heap.after / MIB, kept: kept.length };
}

function smallObjects(mib) {
  const kept = [];
  for (let i = 0; process.memoryUsage().heapUsed < mib * MIB; ) {
    for (const end = i + 1000; i < end; i++) kept.push({ id: i, name: `item ${i}`, tags: [i, i + 1] });
  }
  return kept;
}

/** As of cached pages: 10 KiB each. */
function strings(mib) {
  return Array.from({ length: (mib * 1024) / 10 }, (_, i) =>
    Buffer.alloc(10 * 1024, `page ${i} `).toString('latin1'),
  );
}
