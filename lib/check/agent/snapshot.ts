/**
 * Heap snapshots of the own isolate, written to a file as they are made, and who allocated what is kept.
 *
 * Through the inspector rather than `v8.writeHeapSnapshot`: one session for all of them, since V8 may forget which number
 * an object has when a session ends, and by those numbers snapshots are compared. Works without a debugger's port.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { type HeapProfiler, Session } from 'node:inspector';
import type { Bounds } from '../protocol';
import type { AllocationSite } from '../types';

/** A sample per so many bytes on average: what a few hundred requests leave behind is seen, and it costs some percent. */
const INTERVAL = 256;
/** What plateau itself allocates is on behalf of whoever called it, or the check's. */
const OWN = __dirname;
/** Places that are told. */
const MOST_SITES = 30;

type Post = (method: string, params: object, done: (error: Error | null, result: unknown) => void) => void;

export class Snapshots {
  #session: Session | undefined;

  /** Writes a snapshot; the isolate stands still meanwhile. Rejects with what the system says of the file. */
  async write(file: string): Promise<{ bytes: number }> {
    const session = this.#open();
    const descriptor = openSync(file, 'wx', 0o600);
    let bytes = 0;
    let failure: unknown;
    const write = ({ params }: { params: { chunk: string } }): void => {
      if (failure !== undefined) return;
      try {
        const data = Buffer.from(params.chunk);
        for (let at = 0; at < data.length; ) at += writeSync(descriptor, data, at);
        bytes += data.length;
      } catch (error) {
        // Thrown from here it would be the app's uncaught exception.
        failure = error;
      }
    };
    session.on('HeapProfiler.addHeapSnapshotChunk', write);
    try {
      await this.#post('HeapProfiler.takeHeapSnapshot');
    } finally {
      session.removeListener('HeapProfiler.addHeapSnapshotChunk', write);
      closeSync(descriptor);
    }
    if (failure !== undefined) throw failure;
    return { bytes };
  }

  /** Begins to sample allocations. */
  async startSampling(): Promise<void> {
    await this.#post('HeapProfiler.startSampling', { samplingInterval: INTERVAL });
  }

  /** Ends that; of what was allocated meanwhile and is still there, the places with the most bytes first. */
  async stopSampling(): Promise<AllocationSite[]> {
    const { profile } = (await this.#post(
      'HeapProfiler.stopSampling',
    )) as HeapProfiler.StopSamplingReturnType;
    return sitesOf(profile.head);
  }

  /** Which of the objects with these ids have a bound. */
  async bounds(ids: readonly number[]): Promise<Bounds> {
    const { boundsOf } = await import('./bounds.js');
    return boundsOf(ids, (method, params) => this.#post(method, params));
  }

  /** Ends the session. */
  close(): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }

  #open(): Session {
    if (this.#session === undefined) {
      this.#session = new Session();
      this.#session.connect();
    }
    return this.#session;
  }

  #post(method: string, params: object = {}): Promise<unknown> {
    const session = this.#open();
    return new Promise((resolve, reject) => {
      (session.post as Post).call(session, method, params, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  }
}

/**
 * Adds up the samples by the innermost function of the program on their stack; where there is none, of a dependency.
 * V8 knows functions here, not lines in them.
 */
function sitesOf(head: HeapProfiler.SamplingHeapProfileNode): AllocationSite[] {
  const sites = new Map<string, AllocationSite>();
  type Found = { site: AllocationSite | undefined; foreign: AllocationSite | undefined };
  const open: Array<[HeapProfiler.SamplingHeapProfileNode, Found]> = [
    [head, { site: undefined, foreign: undefined }],
  ];
  // Not recursive: stacks may be deep.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [{ callFrame, selfSize, children }, above] = next;
    const { url: file, lineNumber, columnNumber, functionName } = callFrame;
    const found = { ...above };
    if (file !== '' && !file.startsWith('node:') && !file.startsWith(OWN)) {
      const site = { file, line: lineNumber + 1, column: columnNumber + 1, function: functionName, bytes: 0 };
      if (/[\\/]node_modules[\\/]/.test(file)) found.foreign = site;
      else found.site = site;
    }
    const site = found.site ?? found.foreign;
    if (site !== undefined && selfSize > 0) {
      const key = `${site.file}:${site.line}:${site.column}`;
      const known = sites.get(key) ?? site;
      known.bytes += selfSize;
      sites.set(key, known);
    }
    for (const child of children) open.push([child, found]);
  }
  return [...sites.values()].sort((a, b) => b.bytes - a.bytes).slice(0, MOST_SITES);
}
