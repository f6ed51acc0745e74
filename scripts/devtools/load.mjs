/** Loads a heap snapshot into the engine of Chrome's developer tools, as those do: on two threads. */

import { createReadStream } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Characters that the developer tools hand on in one go. */
const PIECE = 10_000_000;

/** @type {any} */
const promises = Promise;
// Node 20 does not have it.
promises.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
};

if (!isMainThread && workerData?.engine) {
  const { SecondaryInitManager } = await import(pathToFileURL(workerData.engine).href);
  new SecondaryInitManager(workerData.port);
}

/**
 * The engine's snapshot (`JSHeapSnapshot`) of a file.
 *
 * @param {string} engine its file
 * @param {string} path
 */
export async function load(engine, path) {
  const { HeapSnapshotLoader } = await import(pathToFileURL(engine).href);
  const { port1, port2 } = new MessageChannel();
  const second = new Worker(new URL(import.meta.url), {
    workerData: { engine, port: port2 },
    transferList: [port2],
    // A thread of its own in Chrome has as much room as the first.
    resourceLimits: { maxOldGenerationSizeMb: 16_384 },
  });
  const loader = new HeapSnapshotLoader({ sendEvent() {} });
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: PIECE })) {
    loader.write(chunk);
    // The loader reads in promises: without a turn, the whole file would wait in memory.
    await new Promise(setImmediate);
  }
  loader.close();
  const snapshot = await loader.buildSnapshot(port1);
  port1.close();
  await second.terminate();
  return snapshot;
}
