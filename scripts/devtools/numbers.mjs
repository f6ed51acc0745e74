/**
 * `node scripts/devtools/numbers.mjs <snapshot…>`: what the engine of Chrome's developer tools says of each, by
 * `v8.serialize` in a file beside it (`.numbers`). Exits with 3 where the engine cannot be fetched.
 */

import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { devtoolsEngine } from './engine.mjs';
import { load } from './load.mjs';

const engine = await devtoolsEngine().catch((error) => {
  console.error(error.message);
  return process.exit(3);
});
for (const path of process.argv.slice(2)) {
  const snapshot = await load(engine ?? '', path);
  writeFileSync(`${path}.numbers`, serialize(numbers(snapshot)));
}

/** @param {any} snapshot */
function numbers(snapshot) {
  const { nodeCount, nodeFieldCount, nodes } = snapshot;
  /** @param {number} offset */
  const column = (offset) =>
    Float64Array.from({ length: nodeCount }, (_, node) => nodes.getValue(node * nodeFieldCount + offset));
  // As `getAggregatesByClassKey` does it, which loses all but one of several classes whose keys read alike.
  const aggregates = snapshot.buildAggregates();
  snapshot.calculateClassesRetainedSize(aggregates);
  const classes = [...aggregates].map(([key, { name, count, self, maxRet, distance }]) => {
    return { key: typeof key === 'number' ? `,${name}` : key, count, size: self, retained: maxRet, distance };
  });
  return {
    ids: column(snapshot.nodeIdOffset),
    sizes: column(snapshot.nodeSelfSizeOffset),
    retained: Float64Array.from(snapshot.retainedSizes),
    // Below zero: nothing reaches it.
    distances: Float64Array.from(snapshot.nodeDistances, (steps) => (steps < 0 ? Infinity : steps)),
    dominators: Float64Array.from(snapshot.dominatorsTree),
    classes,
  };
}
