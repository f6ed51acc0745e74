import { Worker } from 'node:worker_threads';

/* leak */ const worker = new Worker(new URL('worker.mjs', import.meta.url));
worker.setMaxListeners(0);
let pages = 0;

/** Renders a page in the worker, whose answers come in any order. */
export function render(page) {
  const id = ++pages;
  return new Promise((resolve) => {
    worker.postMessage({ id, page });
    /* leak */ worker.on('message', (answer) => {
      if (answer.id === id) resolve(answer.html);
    });
  });
}
