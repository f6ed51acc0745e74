import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { keepContext } from 'plateau';
import { warningsDuring } from '../support';

test('calls the function with what was picked, the arguments and this', () => {
  const bus = new EventEmitter();
  const calls: unknown[] = [];
  const onPrice = function (this: unknown, { id }: { id: number }, price: number): void {
    calls.push([this, id, price]);
  };
  bus.on('price', keepContext(onPrice, { id: 7 }));
  bus.emit('price', 3);
  assert.deepEqual(calls, [[bus, 7, 3]]);
  assert.equal(keepContext((text: string, n: number) => text.repeat(n), 'ab')(2), 'abab');
});

test('what was not picked is collected', async () => {
  const bus = new EventEmitter();
  const ref = (() => {
    const request = { body: Buffer.alloc(10), id: 1 };
    bus.on(
      'x',
      keepContext(({ id }: { id: number }) => id, { id: request.id }),
    );
    return new WeakRef(request);
  })();
  for (let i = 0; i < 100 && ref.deref() !== undefined; i++) {
    await wait(5);
    globalThis.gc?.();
  }
  assert.equal(ref.deref(), undefined);
});

const request = (): IncomingMessage => new IncomingMessage(new Socket());
class Mine extends IncomingMessage {}
const cases: Record<string, [() => unknown, string]> = {
  'a request': [request, 'pick'],
  'a response in an object': [() => ({ a: { b: new ServerResponse(request()) } }), 'pick.a.b'],
  'a socket in an array': [() => ({ list: [1, new Socket()] }), 'pick.list[1]'],
  'a request in a Map': [() => ({ map: new Map([['a', request()]]) }), 'pick.map (in a Map)'],
  'a request in a Set': [() => new Set([request()]), 'pick (in a Set)'],
  'a class that extends it': [() => ({ req: new Mine(new Socket()) }), 'pick.req'],
  'a property of a function': [
    () => ({ send: Object.assign(() => {}, { req: request() }) }),
    'pick.send.req',
  ],
  'what a framework wraps': [() => ({ request: { raw: request() } }), 'pick.request.raw'],
};
for (const [name, [make, path]] of Object.entries(cases)) {
  test(`warns once of ${name}`, async () => {
    const seen = await warningsDuring(() => {
      for (let i = 0; i < 3; i++) {
        // A file of its own for each case, since a place is warned of once.
        const code = `keepContext(() => {}, pick)\n//# sourceURL=/app/${encodeURIComponent(name)}.js`;
        new Function('keepContext', 'pick', code)(keepContext, make());
      }
    });
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.code, 'PLATEAU_KEPT_REQUEST');
    assert.ok(seen[0]?.message.includes(`at ${path}:`), seen[0]?.message);
  });
}

test('runs no getter, touches no proxy, looks at no more than it says, and is silent without a finding', async () => {
  const trap = (): never => assert.fail('touched');
  const proxy = new Proxy(
    {},
    { get: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap },
  );
  const deep = (levels: number): object => (levels === 0 ? { req: request() } : { next: deep(levels - 1) });
  class Socket extends EventEmitter {}
  const seen = await warningsDuring(() => {
    keepContext(() => {}, {
      get req() {
        return trap();
      },
      proxy,
      deep: deep(10),
      wide: Array.from({ length: 1e6 }, () => 1),
      bytes: Buffer.alloc(1e6),
      socket: new Socket(),
    });
    keepContext(() => {}, 5);
    keepContext(() => {}, null);
  });
  assert.deepEqual(seen, []);
});

test('says nothing in production', async () => {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  const seen = await warningsDuring(() => keepContext(() => {}, { req: request() }));
  if (NODE_ENV === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = NODE_ENV;
  assert.deepEqual(seen, []);
});
