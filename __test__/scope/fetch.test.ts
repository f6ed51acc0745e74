import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createScope } from 'plateau';
import { until } from '../support';

let server: Server;
let url = '';
let aborted = 0;

before(async () => {
  server = createServer((req, res) => {
    res.on('close', () => {
      if (!res.writableFinished) aborted++;
    });
    if (req.url === '/hang') return;
    if (req.url === '/empty') return void res.writeHead(204).end();
    if (req.url === '/half') return void res.write('half');
    if (req.url === '/fail') return void res.write('half', () => res.destroy());
    res.setHeader('content-type', 'application/json');
    res.end('{"a":1}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => void server.close().closeAllConnections());

suite('a fetch is in its scope until', () => {
  const ways: Record<string, (response: Response) => Promise<unknown>> = {
    'its text is read': async (response) => assert.equal(await response.text(), '{"a":1}'),
    'its JSON is read': async (response) => assert.deepEqual(await response.json(), { a: 1 }),
    'its bytes are read': async (response) => assert.equal((await response.arrayBuffer()).byteLength, 7),
    'its body is read piece by piece': async (response) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) pieces.push(piece);
      assert.equal(Buffer.concat(pieces).toString(), '{"a":1}');
      assert.equal(response.bodyUsed, true);
      await assert.rejects(response.text(), TypeError);
    },
    'its body is read into a buffer': async (response) => {
      const body = response.body as unknown as { getReader(options: object): ReadableStreamBYOBReader };
      const reader = body.getReader({ mode: 'byob' });
      let text = '';
      for (let done = false; !done; ) {
        const result = await reader.read(new Uint8Array(4));
        text += Buffer.from(result.value ?? []).toString();
        done = result.done;
      }
      assert.equal(text, '{"a":1}');
    },
    'its text is read after a look at its body': async (response) => {
      assert.ok(response.body instanceof ReadableStream);
      assert.equal(response.body, response.body);
      assert.equal(await response.text(), '{"a":1}');
    },
    'its body is cancelled': async (response) => void (await response.body?.cancel()),
    'it and its clone are read': async (response) => {
      const copy = response.clone();
      assert.deepEqual(await copy.json(), { a: 1 });
      assert.deepEqual(await response.json(), { a: 1 });
    },
  };
  for (const [name, read] of Object.entries(ways)) {
    test(name, async () => {
      const { signal } = new AbortController();
      const scope = createScope();
      const response = await scope.fetch(`${url}/json`, { signal });
      assert.ok(response instanceof Response);
      assert.deepEqual([response.status, response.url, scope.size], [200, `${url}/json`, 1]);
      assert.equal(getEventListeners(signal, 'abort').length, 1);
      await read(response);
      await wait(1);
      assert.deepEqual([scope.size, getEventListeners(signal, 'abort').length], [0, 0]);
      await scope.dispose();
    });
  }

  test('it is known to have no body', async () => {
    const scope = createScope();
    await scope.fetch(`${url}/empty`);
    assert.equal(scope.size, 0);
  });

  test('it fails, before the response or in the middle of the body', async () => {
    const scope = createScope();
    await assert.rejects(scope.fetch('http://127.0.0.1:1'), TypeError);
    await assert.rejects(scope.fetch('not a URL'), TypeError);
    const response = await scope.fetch(`${url}/fail`);
    await assert.rejects(response.text());
    assert.equal(scope.size, 0);
  });
});

suite('the end of the scope', () => {
  test('aborts a request that waits for its response, which is no unhandled rejection', async () => {
    const scope = createScope();
    const before = aborted;
    const waiting = scope.fetch(`${url}/hang`);
    void scope.fetch(`${url}/hang`);
    await wait(20);
    await scope.dispose();
    await assert.rejects(waiting, { name: 'AbortError', code: 'PLATEAU_DISPOSED' });
    await until(() => aborted === before + 2);
  });

  test('aborts a body that is being read, and one that nobody reads', async () => {
    const scope = createScope();
    const before = aborted;
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => scope.fetch(`${url}/half`)));
    const reading = one?.text();
    const reader = two?.body?.getReader();
    await reader?.read();
    const rest = reader?.read();
    assert.equal(scope.size, 3);
    await scope.dispose();
    await assert.rejects(reading as Promise<string>, { code: 'PLATEAU_DISPOSED' });
    await assert.rejects(rest as Promise<unknown>, { code: 'PLATEAU_DISPOSED' });
    assert.equal(three?.status, 200);
    await until(() => aborted === before + 3);
  });
});

test('the signal of the caller aborts with its own reason, before and while', async () => {
  const scope = createScope();
  const reason = new Error('mine');
  await assert.rejects(scope.fetch(`${url}/json`, { signal: AbortSignal.abort(reason) }), {
    message: 'mine',
  });
  const controller = new AbortController();
  const waiting = scope.fetch(new Request(`${url}/hang`, { signal: controller.signal }));
  controller.abort(reason);
  await assert.rejects(waiting, { message: 'mine' });
  assert.equal(scope.size, 0);
  await scope.dispose();
});

test('responses that nobody reads do not make a scope that lives long grow', async () => {
  const scope = createScope();
  for (let i = 0; i < 200; i++) {
    await scope.fetch(`${url}/json`);
    if (i % 50 === 49) {
      await wait(5);
      globalThis.gc?.();
    }
  }
  for (let i = 0; i < 100 && scope.size > 0; i++) {
    await wait(5);
    globalThis.gc?.();
  }
  assert.equal(scope.size, 0);
  await scope.dispose();
});

test('a signal that lives long has no listener after 2,000 requests', async () => {
  const { signal } = new AbortController();
  const scope = createScope();
  let most = 0;
  for (let i = 0; i < 40; i++) {
    const all = Array.from({ length: 50 }, async () => (await scope.fetch(`${url}/json`, { signal })).text());
    most = Math.max(most, getEventListeners(signal, 'abort').length);
    await Promise.all(all);
  }
  await wait(1);
  assert.deepEqual([most, getEventListeners(signal, 'abort').length, scope.size], [1, 0, 0]);
});
