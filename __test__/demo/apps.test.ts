/** The leaking app and its fixed twin are the same app. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const examples = join(__dirname, '../../examples');

/** Starts an app as a reader of the README would, and returns where it listens. */
async function start(folder: string): Promise<string> {
  const child = spawn(process.execPath, [join(examples, folder, 'server.mjs')], {
    env: { ...process.env, PORT: '0', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => void child.kill());
  const [line] = await once(createInterface(child.stdout), 'line');
  return new URL(line).origin;
}

async function ask(origin: string, { path, headers }: { path: string; headers?: Record<string, string> }) {
  const response = await fetch(origin + path, { headers });
  const { status } = response;
  const names = ['content-type', 'etag', 'content-length'];
  return {
    path,
    status,
    headers: names.map((name) => response.headers.get(name)),
    body: await response.text(),
  };
}

test('both apps give the same answers, also when asked again', async () => {
  const [leaking, fixed] = await Promise.all([start('leaky-app'), start('fixed-app')]);
  const { createTraffic } = await import(pathToFileURL(join(examples, 'demo/traffic.mjs')).href);
  const odd = [
    { path: '/products/1' },
    { path: '/products/1?campaign=%22%3E%3Cscript%3E&campaign=2' },
    { path: '/products/1', headers: { cookie: 'a=b; visitor=me; c=d' } },
    { path: '/products/0' },
    { path: '/products/none' },
    { path: '/search' },
    { path: '/search?q=' },
    { path: '/search?q=oak&q=lamp' },
    { path: '/account', headers: { cookie: 'visitor=<script>' } },
    { path: '/nowhere' },
  ];
  // More new keys than the fixed app keeps, then known ones, some of which it has forgotten.
  const traffic = createTraffic(7);
  const requests = [...odd, ...traffic.unseen(1_600), ...traffic.ordinary(400), ...odd];
  const statuses = new Set<number>();
  for (const request of requests) {
    const [a, b] = await Promise.all([ask(leaking, request), ask(fixed, request)]);
    assert.deepEqual(a, b);
    statuses.add(a.status);
  }
  assert.deepEqual([...statuses].toSorted(), [200, 404]);
});

test('a page escapes what the visitor sent', async () => {
  const origin = await start('leaky-app');
  const { body } = await ask(origin, { path: '/products/1?campaign="><script>alert(1)</script>' });
  assert.ok(!body.includes('<script>'));
});
