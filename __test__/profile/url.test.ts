import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';
import { type GrowthProfile, profileGrowth } from 'plateau';
import { dashboard } from 'plateau/express';
import { dashboard as fastifyDashboard } from 'plateau/fastify';

const ends: Array<() => unknown> = [];
after(async () => {
  for (const end of ends) await end();
});

const authorize = (req: { headers: object }): boolean =>
  (req.headers as Record<string, string>)['x-key'] === 'key';
const HEADERS = { 'x-key': 'key', 'x-plateau': 'profile' };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug`;
}

function serveExpress(profile?: boolean): Promise<string> {
  const app = express();
  app.use('/debug', dashboard({ authorize, profile }));
  return serve(app);
}

async function serveFastify(): Promise<string> {
  const app = fastify();
  app.register(fastifyDashboard({ authorize, profile: true }), { prefix: '/debug' });
  ends.push(() => app.close());
  return `${await app.listen({ port: 0, host: '127.0.0.1' })}/debug`;
}

async function post(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; error: string }> {
  const response = await fetch(url, { method: 'POST', headers });
  return { status: response.status, error: ((await response.json()) as { error: string }).error };
}

const cli = join(__dirname, '../../dist/cli.cjs');

function plateau(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'profile', ...args, '--duration', '1s'], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Whether a profile is made in this thread. */
async function isBusy(): Promise<boolean> {
  const stop = new AbortController();
  const made = profileGrowth({ signal: stop.signal });
  stop.abort();
  return made.then(
    () => false,
    (error: { code?: string }) => error.code === 'PLATEAU_PROFILE_BUSY',
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    assert.ok(i < 1000, 'it did not come true');
    await sleep(10);
  }
}

suite('plateau profile <url>', () => {
  test('has a profile made where the dashboard allows it, for whom it lets in', async () => {
    const url = await serveExpress(true);
    const made = await plateau(url, '--json', '-H', 'x-key: key');
    assert.equal((JSON.parse(made.stdout) as GrowthProfile).schema, 1, made.stderr);
    const without = await plateau(url);
    assert.deepEqual(
      [without.code, /403; is a --header missing/.test(without.stderr)],
      [2, true],
      without.stderr,
    );
  });

  test('it does so with Fastify', async () => {
    const { stdout, stderr } = await plateau(await serveFastify(), '--json', '-H', 'x-key: key');
    assert.equal((JSON.parse(stdout) as GrowthProfile).schema, 1, stderr);
  });

  test('a dashboard that was not told to allow it has no such thing', async () => {
    const url = await serveExpress();
    assert.equal((await post(`${url}/profile`, HEADERS)).status, 404);
    assert.equal((await post(`${url}/profile`, {})).status, 403);
    const { code, stderr } = await plateau(url, '-H', 'x-key: key');
    assert.deepEqual([code, /profile: true/.test(stderr)], [2, true], stderr);
  });

  test('what a page elsewhere could send is refused, and what is wrong is said', async () => {
    const url = await serveExpress(true);
    assert.match(
      (await post(`${url}/profile`, { 'x-key': 'key' })).error,
      /with the header x-plateau: profile/,
    );
    assert.deepEqual(await post(`${url}/profile?duration=5`, HEADERS), {
      status: 400,
      error: 'duration must be from 1000 to 3600000, got 5',
    });
    assert.equal((await post(`${url}/memory.json`, HEADERS)).status, 405);
    const get = await fetch(`${url}/profile`, { headers: HEADERS });
    assert.equal(get.status, 404);
  });

  test('one at a time; it ends with the request', async () => {
    const url = await serveExpress(true);
    let first: ClientRequest | undefined;
    const begin = (): void => {
      first = request(`${url}/profile?duration=3600000`, { method: 'POST', headers: HEADERS });
      first.on('error', () => {});
      // It came while it was looked whether one is made, which makes one for a moment.
      first.on('response', (response) => response.resume().on('end', begin));
      first.end();
    };
    begin();
    await until(isBusy);
    assert.equal((await post(`${url}/profile?duration=1000`, HEADERS)).status, 409);
    first?.destroy();
    await until(async () => !(await isBusy()));
  });
});
