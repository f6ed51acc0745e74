/** `plateau watch <url>`, as a process of its own, on a real dashboard. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, mock, test } from 'node:test';
import { BoundedCache, MemorySampler, SharedCache, startMemorySampler } from 'plateau';
import { type DashboardState, dashboard } from 'plateau/express';
import { listen, serve } from '../log/fixtures/server';
import { until } from '../support';
import { runWatch } from './fixtures/watch';

const sampler = startMemorySampler();
after(() => sampler.stop());
const authorize = (req: { headers: Record<string, string> }) => req.headers['x-key'] === 'k';
const KEY = ['-H', 'x-key: k'];

test('once: the state as text and as JSON, and its exit code says whether there is a leak', async (t) => {
  const cache = new BoundedCache({ name: 'users', maxEntries: 10 });
  cache.set('a', 1);
  const pages = new SharedCache({ name: 'pages', maxBytes: 2 ** 20 });
  t.after(() => pages.close());
  const port = await serve(t, dashboard({ authorize, failOnLeak: true, title: 'the shop' }));
  const url = `http://127.0.0.1:${port}/`;
  const text = runWatch(t, url, '--once', ...KEY);
  assert.equal(await text.code, 0, text.err);
  assert.match(text.out, new RegExp(`^the shop: process ${process.pid}, up `));
  assert.match(text.out, /RSS [\d.]+ MiB; heap limit [\d.]+ GiB/);
  assert.match(text.out, /users +– +1\/10/);
  assert.match(text.out, /pages \(shared\) +– +0 +\d+ B/);
  assert.ok(!text.out.includes('\u001b'), 'no colours in a pipe');

  const healthy = sampler.verdict();
  const leaking = mock.method(MemorySampler.prototype, 'verdict', () => ({
    ...healthy,
    verdict: 'leak',
    place: 'external',
  }));
  t.after(() => leaking.mock.restore());
  let json = runWatch(t, `${url}memory.json`, '--once', '--json', '--header', 'X-Key:k');
  while ((await json.code) === 0) json = runWatch(t, url, '--once', '--json', ...KEY);
  assert.equal(await json.code, 1, json.err);
  assert.equal((JSON.parse(json.out) as DashboardState).verdict.place, 'external');
});

test('a stream: lines as time goes by, at once when the verdict changes, and the end by a signal', async (t) => {
  const port = await serve(t, dashboard({ authorize }));
  const url = `http://127.0.0.1:${port}`;
  const [lines, json] = [runWatch(t, url, ...KEY), runWatch(t, url, '--json', ...KEY)];
  await until(() => lines.out.includes('\n') && json.out.split('\n').length > 3);
  assert.equal(lines.out.split('\n').length, 2, lines.out);
  const healthy = sampler.verdict();
  const leaking = mock.method(MemorySampler.prototype, 'verdict', () => ({
    ...healthy,
    verdict: 'leak',
    place: 'heap',
  }));
  t.after(() => leaking.mock.restore());
  await until(() => lines.out.includes('Leak of JavaScript objects'));
  const times = json.out
    .trim()
    .split('\n')
    .map((each) => (JSON.parse(each) as DashboardState).at);
  assert.ok(times.every((at, i) => i === 0 || at > (times[i - 1] ?? 0)));
  for (const run of [lines, json]) run.child.kill('SIGINT');
  assert.deepEqual([await lines.code, lines.err], [1, '']);
});

test('a connection that is lost is taken up again', async (t) => {
  const handler = dashboard({ authorize });
  const server = createServer(handler);
  const port = await listen(t, server);
  const run = runWatch(t, `http://127.0.0.1:${port}`, '--json', ...KEY);
  await until(() => run.out.split('\n').length > 2);
  server.closeAllConnections();
  server.close();
  await until(() => /ECONNREFUSED.*; trying again/.test(run.err));
  const before = run.out.length;
  server.listen(port, '127.0.0.1');
  await until(() => run.out.length > before);
  run.child.kill('SIGTERM');
  assert.equal(await run.code, 0);
});

test('what the watched program says does not reach the terminal as a control code', async (t) => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\r\n\u202eevil\u009b31m';
  const cache = new BoundedCache({ name: evil, maxEntries: 10 });
  cache.set('a', 1);
  const healthy = sampler.verdict();
  const verdict = mock.method(MemorySampler.prototype, 'verdict', () => ({
    ...healthy,
    evidence: evil,
    next: evil,
  }));
  t.after(() => verdict.mock.restore());
  const port = await serve(t, dashboard({ authorize, title: evil }));
  const run = runWatch(t, `http://127.0.0.1:${port}`, '--once', ...KEY);
  assert.equal(await run.code, 0, run.err);
  assert.ok(run.out.split('evil').length >= 4);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
  assert.doesNotMatch(run.out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test('what cannot be watched is said in a line, with exit code 2', async (t) => {
  const port = await serve(t, dashboard({ authorize }));
  const other = await serve(t, (req, res) => {
    if (req.url === '/moved/memory.json') res.writeHead(302, { location: 'http://127.0.0.1:1/' });
    res.end('{"hello":1}');
  });
  const closed = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });
  const at = (where: number, path = '') => `http://127.0.0.1:${where}${path}`;
  const cases: [string[], RegExp][] = [
    [[at(port)], /refuses: 403; is a --header missing/],
    [[at(port), '--once'], /refuses: 403/],
    [[at(port, '/nowhere'), '--once', ...KEY], /answers with 404: is the dashboard at this address/],
    [[at(other), '--once'], /no state of a dashboard/],
    [[at(other, '/moved'), '--once'], /answers with 302/],
    [[at(closed)], /ECONNREFUSED/],
    [['ftp://a/b'], /"ftp:\/\/a\/b" is no http or https address, no folder and no process/],
    [[at(port), '--header', 'secret'], /--header takes "name: value"/],
    [[], /takes one address/],
    [[at(port), '--loud'], /--loud/],
  ];
  for (const [args, message] of cases) {
    const run = runWatch(t, ...args);
    assert.equal(await run.code, 2, String(message));
    assert.match(run.err, message);
    assert.ok(!run.err.includes('secret') && !run.err.includes('    at '), run.err);
    assert.equal(run.out, '');
  }
});

test('help', async (t) => {
  const run = runWatch(t, '--help');
  assert.equal(await run.code, 0);
  assert.match(run.out, /^Usage: plateau watch <url>/);
});
