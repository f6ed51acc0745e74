/** The contenders: each watches the process it runs in. They return what is asked for in the end. */

import { startRecorder } from './recorder.mjs';

/** Milliseconds between two forced collections. */
const FORCED = 2000;

/** @type {Record<string, (send: (message: object) => void) => Promise<() => unknown>>} */
export const watchers = {
  /** plateau's memory sampler, as an app would start it. */
  plateau: async (send) => {
    const { startMemorySampler } = await import('plateau');
    const sampler = startMemorySampler();
    sampler.on('verdict', (verdict) => send({ verdict }));
    sampler.on('alarm', ({ verdict }) => send({ alarm: verdict.place }));
    return () => sampler.verdict();
  },

  /** The floors that a full collection every two seconds leaves. Needs `--expose-gc`. */
  'mann-kendall': async (send) => {
    const { subscribe } = await import('node:diagnostics_channel');
    const { memoryUsage } = process;
    const collect = globalThis.gc;
    if (collect === undefined) throw new Error('start with --expose-gc');
    let requests = 0;
    subscribe('http.server.request.start', () => void requests++);
    setInterval(() => {
      collect();
      const { heapUsed, external } = memoryUsage();
      send({ floor: { at: Date.now(), bytes: heapUsed + external, requests } });
    }, FORCED).unref();
    return () => undefined;
  },

  /** No verdict: the plain series, for replay. */
  recording: async (send) => {
    startRecorder((row) => send({ row }));
    return () => undefined;
  },
};
