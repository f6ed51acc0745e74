/** The types of trackers: the emitter's own, with an end. */

import { EventEmitter, on, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import {
  type ListenerReport,
  type ListenerSite,
  type ListenerTracker,
  listenerReport,
  onListenerGrowth,
  trackAllListeners,
  trackListeners,
} from 'plateau';

declare const bus: EventEmitter;
declare const response: ServerResponse;
declare const request: IncomingMessage;
declare const socket: Socket;
declare const stream: Readable;
declare const signal: AbortSignal;

const tracker: ListenerTracker<EventEmitter> = trackListeners(bus, { until: response, name: 'bus' });
tracker.on('x', (value: number) => value);
tracker.dispose();
const ended: boolean = tracker.disposed;
const report: ListenerReport = tracker.report();
const site: ListenerSite | undefined = report.sites[0];
const verdict: 'stable' | 'growing' | 'burst' | undefined = site?.verdict;
void [ended, verdict];

for (const until of [request, socket, stream, signal, tracker]) trackListeners(bus, { until });

// The overloads of the emitter's class.
trackListeners(stream).on('data', (chunk) => chunk);
trackListeners(socket).once('connect', () => {});
trackListeners(process).on('exit', (code) => code.toFixed());

class Typed extends EventEmitter<{ price: [symbol: string, cents: number] }> {}
trackListeners(new Typed()).on('price', (symbol, cents) => symbol.repeat(cents));

trackListeners(signal).addEventListener('abort', () => {}, { once: true });
trackListeners(signal).on('abort', () => {});
trackListeners(new EventTarget()).removeEventListener('x', () => {});

once(tracker, 'x');
on(tracker, 'x');
using_(trackListeners(bus));

const stop: () => void = onListenerGrowth(({ live }) => live.toFixed());
stop();
trackAllListeners().restore();
listenerReport().sites.map(({ oldest }) => oldest?.toFixed());

function using_(_: Disposable): void {}

// @ts-expect-error not an emitter
trackListeners({});
// @ts-expect-error not an emitter
trackListeners(undefined);
// @ts-expect-error an unknown option
trackListeners(bus, { utnil: response });
// @ts-expect-error nothing that ends
trackListeners(bus, { until: 5 });
// @ts-expect-error a name is a string
trackListeners(bus, { name: 5 });
// @ts-expect-error event targets have no prependListener
trackListeners(signal).prependListener('x', () => {});
// @ts-expect-error reports are not made by hand
listenerReport().sites[0].live = 'many';
