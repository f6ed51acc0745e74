/**
 * `fetch` that ends with a scope: it is in flight until the body has been read, cancelled or has failed.
 *
 * Signals are linked by one listener each however many requests there are, and unlinked when the request is done.
 * `AbortSignal.any` would keep what it makes alive for as long as its source lives.
 */

import { invalidOption } from '../errors';
import { onEnd } from '../lifetime/ending';
import { ended, type Waited, type Waiter } from '../lifetime/waiters';
import { endedError, type Holdings, Resource } from './holdings';

type Input = Parameters<typeof globalThis.fetch>[0];
type Init = Parameters<typeof globalThis.fetch>[1];
/** A body, as little of it as is needed. */
interface Body {
  getReader(): Reader;
  cancel(reason: unknown): Promise<void>;
}
interface Reader {
  read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: unknown }>;
  cancel(reason: unknown): Promise<void>;
}

/** The methods that read a body to its end. */
const READERS = ['text', 'json', 'arrayBuffer', 'blob', 'formData', 'bytes'] as const;

export class FetchResource extends Resource implements Waiter {
  readonly kind = 'fetch';
  readonly #within: Holdings;
  readonly #controller = new AbortController();
  #promise: Promise<Response> | undefined = undefined;
  /** The signal in `init`, and where its end is waited for. */
  #signal: AbortSignal | undefined = undefined;
  #waited: Waited | undefined = undefined;
  /** The response and its clones: what nobody has any more, nobody will read. */
  readonly #responses: WeakRef<Response>[] = [];
  #unread = 0;

  constructor(within: Holdings) {
    super();
    this.#within = within;
  }

  release(): void {
    this.#waited?.remove(this);
    // Who waits is told by its own promise; that nobody does must not end the process.
    this.#promise?.catch(() => {});
    this.#controller.abort(this.#within.controller?.signal.reason ?? endedError(this.#within.settings));
  }

  override isGone(): boolean {
    const { length } = this.#responses;
    if (length === 0 || this.#responses.some((each) => each.deref() !== undefined)) return false;
    this.#waited?.remove(this);
    return true;
  }

  [ended](): void {
    this.#controller.abort(this.#signal?.reason);
  }

  /** Sends the request; call once, when it is held. */
  start(input: Input, init: Init): Promise<Response> {
    this.#promise = this.#send(input, init);
    return this.#promise;
  }

  async #send(input: Input, init: Init): Promise<Response> {
    try {
      const signal = init?.signal !== undefined ? init.signal : (input as Partial<Request>)?.signal;
      if (signal !== undefined && signal !== null) {
        if (!(signal instanceof AbortSignal)) throw invalidOption('signal', 'an AbortSignal', signal);
        this.#signal = signal;
        this.#waited = onEnd(signal, this, 'signal');
        if (signal.aborted) this.#controller.abort(signal.reason);
      }
      const response = await globalThis.fetch(input, { ...init, signal: this.#controller.signal });
      // It would keep the response, which nobody may want.
      this.#promise = undefined;
      return response.body === null ? this.#done(response) : this.#watch(response);
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  #done(response: Response): Response {
    this.#finish();
    return response;
  }

  #finish(): void {
    this.#waited?.remove(this);
    this.leave();
  }

  /** Notices when a body has been read, by whichever of the ways there are; the response stays Node's own. */
  #watch(response: Response): Response {
    this.#unread++;
    this.#responses.push(new WeakRef(response));
    let isRead = false;
    const read = (): void => {
      if (isRead) return;
      isRead = true;
      if (--this.#unread === 0) this.#finish();
    };
    const own = (name: string, value: unknown): void => {
      Object.defineProperty(response, name, { value, configurable: true, writable: true });
    };
    for (const name of READERS) {
      const method = (response as unknown as Record<string, unknown>)[name];
      if (typeof method !== 'function') continue;
      own(name, (...args: unknown[]) => {
        const wasUsed = response.bodyUsed;
        const result: Promise<unknown> = method.apply(response, args);
        if (!wasUsed) result.then(read, read);
        return result;
      });
    }
    const { clone } = response;
    own('clone', () => this.#watch(clone.call(response)));
    let stream: Body | undefined;
    const prototype = Object.getPrototypeOf(response) as Response;
    const original = (): Body => Reflect.get(prototype, 'body', response) as unknown as Body;
    Object.defineProperty(response, 'body', {
      configurable: true,
      get() {
        stream ??= passOn(original, read);
        return stream;
      },
    });
    return response;
  }
}

/** A body whose end is noticed. It touches the original when it is read: until then `text()` and the like may. */
function passOn(original: () => Body, read: () => void): Body {
  let reader: Reader | undefined;
  const source = {
    type: 'bytes' as const,
    async pull(controller: ByteController): Promise<void> {
      try {
        reader ??= original().getReader();
        let result = await reader.read();
        while (!result.done && result.value.byteLength === 0) result = await reader.read();
        if (!result.done) return controller.enqueue(result.value);
        read();
        controller.close();
        controller.byobRequest?.respond(0);
      } catch (error) {
        read();
        throw error;
      }
    },
    cancel(reason: unknown): Promise<void> {
      read();
      return reader === undefined ? original().cancel(reason) : reader.cancel(reason);
    },
  };
  return new ReadableStream(source as never, { highWaterMark: 0 }) as unknown as Body;
}

interface ByteController {
  enqueue(chunk: Uint8Array): void;
  close(): void;
  readonly byobRequest: { respond(bytes: number): void } | null;
}
