// Scopes as users write them, and what the types refuse.

import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import {
  createScope,
  keepContext,
  requestScopeOf,
  Scope,
  type ScopeLeak,
  scopeReport,
  waitForEvent,
} from 'plateau';

const bus = new EventEmitter();
const controller = new AbortController();
const scope: Scope = createScope({
  until: controller.signal,
  name: 'x',
  onLeak: (leak: ScopeLeak) => void leak.site,
});
createScope();
createScope({ until: scope });
createScope({ onError: ({ errors }) => void errors.length });
// @ts-expect-error no such option
createScope({ untill: scope });
// @ts-expect-error nothing that ends
createScope({ until: 5 });
// @ts-expect-error an emitter alone does not end
createScope({ until: bus });

scope.on(bus, 'x', (a: string, b: number) => void [a, b])();
scope.once(new EventTarget(), 'x', (event: Event) => void event.type);
// @ts-expect-error not an emitter
scope.on({}, 'x', () => {});
scope.setTimeout((n: number) => void n, 5, 1) satisfies NodeJS.Timeout;
// @ts-expect-error the argument has a type
scope.setTimeout((n: number) => void n, 5, 'a');
scope.setInterval(() => {}, 5).unref();
scope.setImmediate((a: string) => void a, 'a') satisfies NodeJS.Immediate;
scope.stream(createReadStream('x')).path satisfies string | Buffer;
// @ts-expect-error not a stream
scope.stream(bus);
(await scope.fetch('http://localhost', { method: 'POST' })) satisfies Response;
scope.signal satisfies AbortSignal;
const disposable = { [Symbol.dispose]() {}, a: 1 };
scope.use(disposable).a satisfies number;
// @ts-expect-error nothing to dispose of
scope.use({ a: 1 });
scope.defer(() => 5)() satisfies number | undefined;
(await scope.waitFor<[number]>(bus, 'x', { timeout: 5, filter: (n) => n > 1 })) satisfies [number];
(await waitForEvent<[string]>(bus, 'x', { signal: scope.signal }))[0] satisfies string;
scope.child({ name: 'y' }) satisfies Scope;
scope.track(Promise.resolve(5)) satisfies Promise<number>;
(await scope.release(disposable)) satisfies boolean;
scope.dispose() satisfies Promise<void>;
scope satisfies AsyncDisposable;
[scope.size satisfies number, scope.disposed satisfies boolean, scope.name satisfies string | undefined];
// @ts-expect-error scopes are made by createScope
new Scope();

const { live, sites } = scopeReport();
live satisfies number;
sites[0]?.resources satisfies Record<string, number> | undefined;

bus.on(
  'price',
  keepContext(({ id }: { id: string }, price: number) => void [id, price], { id: 'a' }),
);
// @ts-expect-error the picked values are not what the function takes
keepContext(({ id }: { id: string }) => id, { id: 5 });

createServer((req, res) => {
  createScope({ until: res });
  createScope({ until: req });
  createScope({ until: req.socket });
}).on('upgrade', (req, socket: Socket) => {
  requestScopeOf(req).stream(socket);
});
