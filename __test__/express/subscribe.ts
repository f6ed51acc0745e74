/**
 * A feed that clients subscribe to, as a service might have it, and clients that end in three ways. With `scoped`, all
 * that a subscription starts is in `req.scope`; without, nothing is let go, as in the leak that this is about.
 */

import { EventEmitter } from 'node:events';
import { createReadStream, readdirSync, readlinkSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import { type Scope, scopeReport } from 'plateau';
import { requestScope } from 'plateau/express';

export interface Held {
  listeners: number;
  timers: number;
  descriptors: number;
  scopes: number;
}

export class Feed {
  readonly bus = new EventEmitter().setMaxListeners(0);
  readonly files = new Set<Readable>();
  readonly timers = new Set<NodeJS.Timeout>();
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 });
  readonly outcomes = { whole: 0, aborted: 0, failed: 0 };

  constructor(scoped: boolean) {
    const app = express();
    app.disable('x-powered-by');
    if (scoped) app.use(requestScope());
    app.get('/subscribe/:how', (req, res) => {
      const onEvent = (): void => void req.params;
      const onTick = (): void => void req.params;
      const file = createReadStream(__filename, { highWaterMark: 16 });
      if (scoped) {
        const { scope } = req as unknown as { scope: Scope };
        scope.on(this.bus, 'event', onEvent);
        scope.setInterval(onTick, 60_000);
        scope.setTimeout(onTick, 60_000);
        scope.stream(file);
      } else {
        this.bus.on('event', onEvent);
        this.timers.add(setInterval(onTick, 60_000)).add(setTimeout(onTick, 60_000));
        this.files.add(file);
      }
      file.once('data', () => {
        file.pause();
        if (req.params.how === 'whole') return void res.end('all of it');
        res.write('some of it');
        if (req.params.how === 'failed') {
          const source = new Readable({ read() {} });
          source.on('error', (error) => res.destroy(error));
          source.pipe(res);
          source.destroy(new Error('failed in the middle'));
        }
      });
    });
    this.#server = createServer(app);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
  }

  /** Sends `count` requests, 50 at a time, a third of each kind. */
  async run(count: number): Promise<void> {
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < count) await this.#send((['whole', 'aborted', 'failed'] as const)[next++ % 3] ?? 'whole');
    };
    await Promise.all(Array.from({ length: 50 }, client));
  }

  #send(how: 'whole' | 'aborted' | 'failed'): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    return new Promise((resolve) => {
      let ended: typeof how = 'failed';
      const sent = request({ port, host: '127.0.0.1', path: `/subscribe/${how}`, agent: this.#agent });
      sent.on('response', (response) => {
        response.on('data', () => {
          if (how !== 'aborted') return;
          ended = 'aborted';
          sent.destroy();
        });
        response.on('end', () => {
          ended = 'whole';
        });
        response.on('error', () => {});
      });
      sent.on('error', () => {});
      sent.on('close', () => {
        this.outcomes[ended]++;
        resolve();
      });
      sent.end();
    });
  }

  /** What is held now, with the descriptors of everything but the connections. */
  held(): Held {
    return {
      listeners: this.bus.listenerCount('event'),
      timers: process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length,
      descriptors: openFiles(),
      scopes: scopeReport().live,
    };
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    for (const file of this.files) file.destroy();
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Open descriptors of this very file, which the requests read; elsewhere than on Linux, of streams of files. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === __filename;
      } catch {
        return false;
      }
    }).length;
  } catch {
    return process.getActiveResourcesInfo().filter((each) => each === 'FSReqCallback').length;
  }
}
