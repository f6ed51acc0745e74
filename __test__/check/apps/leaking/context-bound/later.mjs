import { AsyncLocalStorage } from 'node:async_hooks';

const idle = new Set(); // leak

/** Runs a task in the context of its request when there is nothing else to do, which is at night. */
export function later(task) {
  idle.add(AsyncLocalStorage.bind(task)); // leak
}

export function runIdle() {
  for (const task of idle) task();
  idle.clear();
}
