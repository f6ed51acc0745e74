/** Runs one trace through one policy at every size of the reference table. */

import { runChild } from '../harness/child.mjs';
import { bySize, policies } from './policies.mjs';
import { bytesOf, readSizes, readTrace } from './traces.mjs';

await runChild(async ({ contender, trace, sizes, shares }) => {
  if (shares !== undefined) {
    const requests = readSizes(trace);
    const all = bytesOf(requests);
    const hits = {};
    for (const share of shares) hits[share] = await bySize[contender](requests, Math.round(share * all));
    return { requests: requests.ids.length, bytes: all, hits };
  }
  const ids = readTrace(trace);
  const hits = {};
  for (const { size, entries } of sizes) hits[size] = await policies[contender](ids, entries);
  return { requests: ids.length, hits };
});
