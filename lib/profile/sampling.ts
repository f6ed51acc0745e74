/**
 * V8's sampling heap profiler, of which there is one in an isolate: begun here, read once, and ended whatever happens.
 *
 * Read through the inspector, it collects garbage first, at once and in one go. Where Node can begin it itself
 * (`v8.startHeapProfile`) it is asked not to. What is read are the objects that are still there, each with a number that
 * rises from sample to sample.
 *
 * @see docs/design/profile.md
 */

import type { Session } from 'node:inspector';
import * as v8 from 'node:v8';
import { realNow } from '../background';
import { plateauError } from '../errors';

/** V8's own default, which the inspector always takes. */
const STACK_DEPTH = 128;

/** A function on a stack; lines and columns from 0. */
export interface RawFrame {
  functionName: string;
  scriptId: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

export interface RawNode {
  callFrame: RawFrame;
  id: number;
  children: RawNode[];
}

/** A live object that was sampled. `size` is scaled by V8: the bytes that it stands for. */
export interface RawSample {
  size: number;
  nodeId: number;
  ordinal: number;
}

export interface RawProfile {
  head: RawNode;
  samples: RawSample[];
}

interface Handle {
  stop(): string;
}

type Start = (options: { sampleInterval: number; stackDepth: number; forceGC: boolean }) => Handle;

export class Sampling {
  /** Whether reading will collect garbage. */
  readonly forcesCollection: boolean;
  readonly #session: Session;
  readonly #handle: Handle | undefined;
  #ended = false;

  private constructor(session: Session, handle: Handle | undefined) {
    this.#session = session;
    this.#handle = handle;
    this.forcesCollection = handle === undefined;
  }

  /**
   * Begins. `quietly`: without collections, where Node can.
   *
   * @throws Error `PLATEAU_PROFILE_UNAVAILABLE` where there is none; `PLATEAU_PROFILE_BUSY` where another tool uses it
   */
  static async start(interval: number, quietly: boolean): Promise<Sampling> {
    const session = await connect();
    try {
      // Which fails unless somebody samples. Were it begun twice, V8 would say nothing, and the first to stop would stop both.
      if (isSampling(session)) {
        throw plateauError(
          'PLATEAU_PROFILE_BUSY',
          'the sampling heap profiler of this thread is in use by another tool, such as a continuous profiler or the developer tools',
        );
      }
      const begin = quietly ? (v8 as { startHeapProfile?: Start }).startHeapProfile : undefined;
      if (begin !== undefined) {
        const options = { sampleInterval: interval, stackDepth: STACK_DEPTH, forceGC: false };
        return new Sampling(session, begin(options));
      }
      post(session, 'HeapProfiler.startSampling', { samplingInterval: interval });
      return new Sampling(session, undefined);
    } catch (error) {
      session.disconnect();
      throw unavailable(error);
    }
  }

  /** A whole collection. Newer V8s make it in a turn of its own, so that nothing on the stack is taken for alive. */
  collect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#session.post('HeapProfiler.collectGarbage', (error) => {
        if (error === null) resolve();
        else reject(unavailable(error));
      });
    });
  }

  /** The samples that are still there. */
  read(): RawProfile {
    try {
      const { profile } = post(this.#session, 'HeapProfiler.getSamplingProfile') as { profile: RawProfile };
      return profile;
    } catch (error) {
      throw plateauError('PLATEAU_PROFILE_BUSY', 'another tool has ended the sampling', { cause: error });
    }
  }

  /** Ends it; returns the milliseconds that took. */
  end(): number {
    if (this.#ended) return 0;
    this.#ended = true;
    const start = realNow();
    try {
      this.#handle?.stop();
    } catch {
      // Somebody else has.
    }
    // With the session goes what it has begun, without a collection.
    this.#session.disconnect();
    return realNow() - start;
  }
}

async function connect(): Promise<Session> {
  try {
    // Only here: not every build of Node has it, nor every runtime.
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    return session;
  } catch (error) {
    throw unavailable(error);
  }
}

function isSampling(session: Session): boolean {
  try {
    post(session, 'HeapProfiler.getSamplingProfile');
    return true;
  } catch (error) {
    if (error instanceof Error && /not started/i.test(error.message)) return false;
    throw error;
  }
}

function unavailable(error: unknown): Error {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('PLATEAU_')) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return plateauError(
    'PLATEAU_PROFILE_UNAVAILABLE',
    `this runtime does not let its sampling heap profiler be used: ${reason}`,
    { cause: error },
  );
}

/** In process the answer is there when `post` returns. */
function post(session: Session, method: string, params: object = {}): unknown {
  let failed: Error | null = new Error(`${method} has no answer`);
  let answer: unknown;
  session.post(method, params, (error, result) => {
    failed = error;
    answer = result;
  });
  if (failed !== null) throw failed;
  return answer;
}
