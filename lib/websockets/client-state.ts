/** What is remembered of one client between two looks at it. */

import type { ClientScope } from './client-scope';

/** As much of a `net.Socket` as is needed, all of it optional: a client may run over any duplex stream. */
export interface UnderlyingSocket {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  readonly writableLength?: number;
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

export class ClientState {
  ended: boolean;
  terminated = false;
  scope: ClientScope | undefined;
  /** The beginning of the walk that first found too much waiting. */
  slowSince: number | undefined;
  onDrain: (() => void) | undefined;
  drains: UnderlyingSocket | undefined;
  #pinged = false;
  #heard = false;
  #read = 0;
  #sent = 0;
  #queued = 0;
  #pending = false;

  constructor(ended: boolean) {
    this.ended = ended;
  }

  /** It said something, where that cannot be seen from its socket. */
  hear(): void {
    this.#heard = true;
  }

  /**
   * Whether it has given no sign of life since this was last asked; the first time it has.
   *
   * Bytes that arrived are one, whatever they are: a pong may sit behind a message of a hundred megabytes. So is that
   * the system took more of what was stuck when last asked, which it only does once the other end acknowledged some:
   * our ping may sit behind that.
   */
  isSilent(socket: UnderlyingSocket | undefined): boolean {
    const read = socket?.bytesRead;
    let silent = this.#pinged && !this.#heard;
    if (socket !== undefined && typeof read === 'number') {
      const waiting = socket.writableLength ?? 0;
      const sent = (socket.bytesWritten ?? 0) - waiting;
      const queued = socket._handle?.writeQueueSize ?? 0;
      const taken = this.#pending && (sent > this.#sent || queued < this.#queued);
      silent &&= read === this.#read && !taken;
      this.#read = read;
      this.#sent = sent;
      this.#queued = queued;
      this.#pending = waiting > 0;
    }
    this.#heard = false;
    this.#pinged = true;
    return silent;
  }
}
