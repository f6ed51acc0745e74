/** The machine: what it is, and how busy. */

import { cpus } from 'node:os';

/**
 * @typedef {object} Busy seconds of processor time since the machine, or this program, started
 * @property {number} capacity of all processors, idle or not
 * @property {number} all used by any program
 * @property {number} own used by this program
 */

/** @returns {Busy} */
export function busySeconds() {
  let capacity = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    capacity += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  const { user, system } = process.cpuUsage();
  return { capacity: capacity / 1e3, all: (capacity - idle) / 1e3, own: (user + system) / 1e6 };
}

export function describeMachine() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
