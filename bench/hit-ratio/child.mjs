/** Runs one trace through one policy at every size of the reference table. */

import { runChild } from '../harness/child.mjs';
import { policies } from './policies.mjs';
import { readTrace } from './traces.mjs';

await runChild(async ({ contender, trace, sizes }) => {
  const ids = readTrace(trace);
  const hits = {};
  for (const { size, entries } of sizes) hits[size] = await policies[contender](ids, entries);
  return { requests: ids.length, hits };
});
