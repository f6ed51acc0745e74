/** Measures one engine at one snapshot, or at the comparison of three. */

import { readFileSync } from 'node:fs';
import { runChild } from '../harness/child.mjs';
import { contenders } from './contenders.mjs';

await runChild(async ({ contender, op, paths, tools }) => {
  const measure = await contenders[contender][op](tools);
  // What Node and the engine's code have taken.
  const base = process.memoryUsage.rss();
  const before = process.cpuUsage();
  const start = performance.now();
  const found = (await measure(...paths)) ?? {};
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  // Of an engine that is a program of its own, `found` has memory and processor time instead.
  return { seconds, cpu: (user + system) / 1e6, peak: peak(), base, ...found };
});

/** The largest resident memory, in bytes. */
function peak() {
  // `maxRSS` begins with what the process had that started this one.
  const own =
    process.platform === 'linux' && /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) * 1024;
}
