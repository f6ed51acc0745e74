/** The shell's part of the black box: what it is told of the program, and how the program ends. The keeper writes samples. */

import cluster from 'node:cluster';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, threadId } from 'node:worker_threads';
import { printError, warnOnce } from '../lifetime/report-error';
import type { MemoryWatch } from '../native';
import { largestCaches } from './caches';
import type { ReadSamplerOptions } from './options';
import type { MemoryAlarm, MemoryPressure } from './types';

/** As in `NoteKind` of `src/memory/recorder/mod.rs`. */
const Note = { alarm: 1, pressure: 2, caches: 4, listeners: 5 } as const;
/** Turns between two notes of the largest caches. */
const CACHES_EVERY = 60;

export interface BlackBox {
  readonly file: string;
  /** Called each second. */
  turn(): void;
  alarm(alarm: MemoryAlarm): void;
  pressure(pressure: MemoryPressure): void;
  /** The sampler stops; the program may go on. */
  close(): void;
}

/** A black box in `folder`, or a warning: without one the sampler goes on. */
export function openBlackBox(
  watch: MemoryWatch,
  { recorderBytes }: ReadSamplerOptions,
  folder: string,
): BlackBox | undefined {
  let file: string;
  try {
    file = watch.record(folder, recorderBytes, {
      thread: threadId,
      name: nameOfThread(),
      nodeVersion: process.version,
      script: process.argv[1] ?? '',
      heapLimit: getHeapStatistics().heap_size_limit,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warnOnce(`recorder ${folder}`, `no black box is recorded: ${reason}`, 'PLATEAU_RECORDER');
    return undefined;
  }
  const exits = (code: number) => watch.exits(code);
  const uncaught = (error: unknown) => watch.uncaught(printError(error));
  process.on('exit', exits);
  process.on('uncaughtExceptionMonitor', uncaught);
  let turns = 0;
  return {
    file,
    turn: () => {
      if (turns++ % CACHES_EVERY !== 0) return;
      const caches = largestCaches();
      if (caches.length > 0) watch.note(Note.caches, caches.map(describeCache).join('\n'));
    },
    alarm: ({ verdict, listeners, caches }) => {
      watch.note(Note.alarm, `${verdict.verdict} (${verdict.place}): ${verdict.evidence} ${verdict.next}`);
      if (listeners.length > 0) {
        const lines = listeners.map(
          ({ site, event, emitter, live }) => `${site} → '${event}' on ${emitter}: ${live} live`,
        );
        watch.note(Note.listeners, lines.join('\n'));
      }
      if (caches.length > 0) watch.note(Note.caches, caches.map(describeCache).join('\n'));
    },
    pressure: ({ limit, share, relieved }) => {
      const released = relieved > 0 ? `; ${relieved} cache entries released` : '';
      watch.note(Note.pressure, `${Math.round(100 * share)} % of the ${limit} limit is used${released}`);
    },
    close: () => {
      process.off('exit', exits);
      process.off('uncaughtExceptionMonitor', uncaught);
    },
  };
}

function describeCache(cache: MemoryAlarm['caches'][number]): string {
  const { name, entries, maxEntries, bytes, shared } = cache;
  const bound = maxEntries === Number.POSITIVE_INFINITY ? '' : ` of ${maxEntries}`;
  return `${name}${shared ? ' (shared)' : ''}: ${entries}${bound} entries${bytes > 0 ? `, ${bytes} bytes` : ''}`;
}

/** What tells processes of a cluster and threads apart. */
function nameOfThread(): string {
  if (!isMainThread) return `worker ${threadId}`;
  const id = cluster.worker?.id ?? process.env.NODE_APP_INSTANCE ?? process.env.pm_id;
  return id === undefined ? '' : `instance ${id}`;
}
