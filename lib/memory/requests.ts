/** Counts HTTP requests, by the channels on which Node's servers announce them: no middleware needed. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNELS = ['http.server.request.start', 'http2.server.stream.start'];

export class RequestCount {
  count = 0;
  readonly #note = (): void => {
    this.count++;
  };

  constructor() {
    for (const channel of CHANNELS) subscribe(channel, this.#note);
  }

  stop(): void {
    for (const channel of CHANNELS) unsubscribe(channel, this.#note);
  }
}
