/**
 * Heap snapshots of the own isolate, written to a file as they are made.
 *
 * Through the inspector rather than `v8.writeHeapSnapshot`, because between the first and the last it notes who allocates
 * what. One session for all of them: V8 forgets which number an object has when a session ends, and by those numbers
 * the snapshots are compared. Works without a debugger's port.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { Session } from 'node:inspector';

export type Tracking = 'start' | 'stop' | 'leave';

type Post = (method: string, params: object, done: (error: Error | null) => void) => void;

export class Snapshots {
  #session: Session | undefined;
  #tracking = false;

  /** Writes a snapshot; the isolate stands still meanwhile. Rejects with what the system says of the file. */
  async write(file: string, tracking: Tracking): Promise<{ bytes: number }> {
    const session = this.#open();
    if (tracking === 'stop') {
      const bytes = await writing(session, file, () => this.#stop());
      return { bytes };
    }
    const bytes = await writing(session, file, () => this.#post('HeapProfiler.takeHeapSnapshot'));
    if (tracking === 'start') {
      await this.#post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
      this.#tracking = true;
    }
    return { bytes };
  }

  /** Ends the session. */
  async close(): Promise<void> {
    if (this.#tracking) await this.#stop();
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

  /** Of its own accord V8 takes a snapshot when it stops, which is then the last one. */
  async #stop(): Promise<void> {
    this.#tracking = false;
    await this.#post('HeapProfiler.stopTrackingHeapObjects');
  }

  #post(method: string, params: object = {}): Promise<void> {
    const session = this.#open();
    return new Promise((resolve, reject) => {
      (session.post as Post).call(session, method, params, (error) => (error ? reject(error) : resolve()));
    });
  }
}

async function writing(session: Session, file: string, take: () => Promise<void>): Promise<number> {
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
    await take();
  } finally {
    session.removeListener('HeapProfiler.addHeapSnapshotChunk', write);
    closeSync(descriptor);
  }
  if (failure !== undefined) throw failure;
  return bytes;
}
