/**
 * Engines that read heap snapshots. Each is loaded by the function named as the operation, which returns what is
 * measured. A child process loads only the one that it measures.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../harness/machine.mjs';

const requireOurs = createRequire(join(root, 'package.json'));

export const contenders = {
  plateau: {
    // The addon, within this process: memory of both counts.
    async analyse() {
      const { native } = requireOurs('./dist/testing.cjs');
      return (path) => {
        const [nodes, edges] = new native.HeapNumbers(path).counts();
        return { nodes, edges };
      };
    },
    async diff() {
      const { compareHeaps } = requireOurs('./dist/index.cjs');
      return async (...paths) => {
        const { findings } = await compareHeaps(paths);
        return { findings: findings.length, first: findings[0]?.path };
      };
    },
  },

  /** Of Chrome's developer tools, in Node. */
  devtools: {
    async analyse({ devtools }) {
      const { load } = await import('../../scripts/devtools/load.mjs');
      return async (path) => ({ nodes: (await load(devtools, path)).nodeCount });
    },
  },

  /** The port of that to Rust, a program. */
  'rust-port': {
    async analyse({ rustPort }) {
      return (path) => run(rustPort, ['statistics', path]);
    },
  },

  memlab: {
    async analyse({ memlab }) {
      const { getFullHeapFromFile } = createRequire(memlab)('@memlab/heap-analysis');
      return async (path) => ({ nodes: (await getFullHeapFromFile(path)).nodes.length });
    },
    async diff({ memlab }) {
      const { findLeaksBySnapshotFilePaths } = createRequire(memlab)('@memlab/api');
      return async (...paths) => {
        const leaks = await findLeaksBySnapshotFilePaths(...paths, {
          workDir: join(tmpdir(), 'plateau-memlab'),
        });
        return { findings: leaks.length };
      };
    },
  },
};

/** Runs a program, and looks at its memory and processor time while it runs (on Linux; elsewhere neither is known). */
async function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  let ended;
  const end = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      ended = true;
      if (code === 0) resolve(undefined);
      else reject(new Error(`${program} ended with ${signal ?? `code ${code}`}: ${said.trim()}`));
    });
  });
  end.catch(() => {});
  let figures = { peak: Number.NaN, cpu: Number.NaN, base: 0 };
  while (!ended) {
    figures = lookAt(child.pid) ?? figures;
    await sleep(5);
  }
  await end;
  return figures;
}

function lookAt(pid) {
  try {
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    // In hundredths of a second, on every Linux there is.
    const cpu = (Number(fields[11]) + Number(fields[12])) / 100;
    return Number.isFinite(peak) ? { peak, cpu, base: 0 } : undefined;
  } catch {
    return undefined;
  }
}
