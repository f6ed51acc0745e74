/** The streams of events: news each second, a bounded number of them, and nothing left of those that ended. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, mock, suite, test } from 'node:test';
import { promisify } from 'node:util';
import express from 'express';
import { MemorySampler, startMemorySampler } from 'plateau';
import { dashboard } from 'plateau/express';
import { EventStreams } from '../../dist/testing.cjs';
import { listen, serve, warnings } from '../log/fixtures/server';
import { until } from '../support';
import { openStream } from './fixtures/events';
import { kinds, start } from './fixtures/servers';

const authorize = () => true;
const sampler = startMemorySampler();
after(() => sampler.stop());

for (const kind of Object.keys(kinds)) {
  suite(kind, () => {
    test('a stream begins at once, has news each second, and is neither cached nor transformed', async (t) => {
      const { base } = await start(t, kind, { authorize });
      const stream = await openStream(t, base);
      assert.equal(stream.status, 200);
      assert.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8');
      assert.equal(stream.headers.get('cache-control'), 'no-store, no-transform');
      assert.equal(stream.headers.get('x-content-type-options'), 'nosniff');
      const states = [await stream.next(), await stream.next(), await stream.next()];
      const times = states.map((state) => state?.at ?? 0);
      const samples = states.map((state) => state?.sample?.at ?? 0);
      assert.ok(
        times.every((at, i) => i === 0 || at > (times[i - 1] ?? 0)),
        String(times),
      );
      assert.ok(new Set(samples).size > 1, String(samples));
    });

    test('there are no more streams than allowed, and a place is free again when its client has gone', async (t) => {
      const { base } = await start(t, kind, { authorize, maxClients: 2 });
      const open = [await openStream(t, base), await openStream(t, base)];
      await Promise.all(open.map((stream) => stream.next()));
      const refused = await fetch(`${base}/events`);
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '10']);
      await refused.text();
      const rush = await Promise.all(Array.from({ length: 20 }, () => fetch(`${base}/events`)));
      assert.ok(rush.every(({ status }) => status === 503));
      open[0]?.close();
      let again = 503;
      while (again === 503) {
        const stream = await openStream(t, base);
        again = stream.status;
        if (again === 503) await stream.next();
      }
      assert.equal(again, 200);
      assert.ok(await open[1]?.next(), 'the others go on');
    });

    test('streams end when the server stops, which then comes to its end', async (t) => {
      const { base, stop } = await start(t, kind, { authorize });
      const streams = [await openStream(t, base), await openStream(t, base)];
      await Promise.all(streams.map((stream) => stream.next()));
      const stopped = stop();
      for (const stream of streams) while ((await stream.next()) !== undefined);
      await stopped;
    });

    test('each stream is authorised by itself', async (t) => {
      let asked = 0;
      const { base } = await start(t, kind, { authorize: () => ++asked === 1 });
      const stream = await openStream(t, base);
      assert.equal(stream.status, 200);
      assert.equal((await fetch(`${base}/events`)).status, 403);
      assert.ok((await stream.next()) && (await stream.next()));
    });
  });
}

test('of many that ask at the same moment no more than allowed get a stream', async (t) => {
  const port = await serve(t, dashboard({ authorize: async () => true, maxClients: 3 }));
  const streams = await Promise.all(
    Array.from({ length: 30 }, () => openStream(t, `http://127.0.0.1:${port}`)),
  );
  assert.equal(streams.filter(({ status }) => status === 200).length, 3);
});

test('of two hundred streams that were left nothing remains', async (t) => {
  const handler = dashboard({ authorize, maxClients: 1 });
  const seen: WeakRef<object>[] = [];
  const app = express();
  app.use((req, res, next) => {
    seen.push(new WeakRef(req), new WeakRef(res));
    next();
  });
  app.use(handler);
  const port = await serve(t, app);
  let opened = 0;
  while (opened < 200) {
    const controller = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/events`, { signal: controller.signal });
    // The one before may not have been seen to go yet.
    if (response.status === 200) opened++;
    else assert.equal(response.status, 503);
    controller.abort();
  }
  // What is freed only with the next connection or turn of the pool is not ours.
  const alive = () => seen.filter((ref) => ref.deref() !== undefined).length;
  await until(() => {
    globalThis.gc?.();
    return alive() < 20;
  }, `the requests and responses to be collected, of which ${alive()} live,`);
});

test('a client that has gone before authorize answered takes no place', async (t) => {
  let release: (value: boolean) => void = () => {};
  let waiting = 0;
  const handler = dashboard({
    maxClients: 1,
    authorize: (req: { url: string }) =>
      req.url === '/events?slow'
        ? new Promise<boolean>((resolve) => {
            waiting++;
            release = resolve;
          })
        : true,
  });
  const port = await serve(t, handler);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /events?slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => waiting === 1);
  socket.destroy();
  await once(socket, 'close');
  // Until the server has seen it too: it serves another request meanwhile.
  await fetch(`http://127.0.0.1:${port}/memory.json`);
  release(true);
  const stream = await openStream(t, `http://127.0.0.1:${port}`);
  assert.equal(stream.status, 200);
});

test('to a client that does not read nothing is written any more, and it is cut off', async (t) => {
  // More than the buffers of a loopback connection take in a second or two.
  const streams = new EventStreams(() => `"${'x'.repeat(4_000_000)}"`, 5);
  const responses: ServerResponse[] = [];
  const server = createServer((req, res) => {
    responses.push(res);
    streams.add(req, res);
  });
  const port = await listen(t, server);
  const [slow, quick] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  t.after(() => [slow, quick].map((socket) => socket.destroy()));
  slow.pause();
  quick.resume();
  slow.on('error', () => {});
  for (const socket of [slow, quick]) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => responses.length === 2 && streams.size === 2);
  let most = 0;
  await until(() => {
    most = Math.max(most, ...responses.map((res) => res.writableLength));
    return streams.size === 1;
  }, 'the slow one to be cut off');
  assert.ok(most < 13_000_000, `${most} bytes had gathered`);
  assert.ok(!quick.destroyed && !quick.readableEnded);
});

test('a stream ends when it has lasted long, so that its client is authorised again', async (t) => {
  const streams = new EventStreams(() => '{}', 5, 1500);
  const port = await serve(t, (req, res) => streams.add(req, res));
  const response = await fetch(`http://127.0.0.1:${port}`);
  assert.match(
    await response.text(),
    /^retry: \d+\nevent: state\ndata: \{\}\n\n(?:event: state\ndata: \{\}\n\n)+$/,
  );
  assert.equal(streams.size, 0);
});

test('a stream lives on by comments where the state cannot be told, which is reported', async (t) => {
  const messages = warnings(t);
  const sample = mock.method(MemorySampler.prototype, 'sample', () => {
    throw new Error('of the test');
  });
  t.after(() => sample.mock.restore());
  const { base } = await start(t, 'node:http', { authorize });
  const response = await fetch(`${base}/events`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), 'retry: 2000\n:\n\n');
  sample.mock.restore();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^event: state\ndata: \{/);
  assert.equal(messages.length, 1);
});

test('a dashboard that is watched keeps no process alive', async () => {
  const run = promisify(execFile);
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'fixtures/child.ts')],
    {
      timeout: 60_000,
    },
  );
  assert.deepEqual([stdout, stderr], ['ended by itself\n', '']);
});
