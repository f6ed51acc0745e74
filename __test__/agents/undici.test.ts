import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspectAgents } from 'plateau';
import { holdingServer, until } from '../support';

let origin: string;
const server = holdingServer((at) => {
  origin = at;
});
const { held } = server;

test("the connections of Node's own fetch are counted", async () => {
  const of = () => inspectAgents().origins.find((row) => row.agent === 'fetch');
  const answers = [1, 2, 3].map(() => fetch(`${origin}/held`).then((response) => response.text()));
  await until(() => held.length === 3);
  assert.deepEqual(of(), {
    ...{ agent: 'fetch', origin, sockets: 3, free: 0, pending: 0 },
    ...{ limit: Number.POSITIVE_INFINITY, pools: 1 },
  });
  server.release();
  await Promise.all(answers);
  await until(() => of()?.free === 3);
  assert.deepEqual(of()?.sockets, 0);
  assert.equal(inspectAgents().agents.find(({ agent }) => agent === 'fetch')?.unknown, false);
});

suite('dispatchers of the undici package', async () => {
  const undici = await import('undici');
  const bound = { connections: 2 };
  const user = () => origin.replace('//', '//user:secret@');
  // Requests, of which so many are under way and so many wait.
  const kinds = {
    Client: [() => new undici.Client(user()), 1, 2, 1],
    Pool: [() => new undici.Pool(user(), bound), 2, 1, 2],
    Agent: [() => new undici.Agent(bound), 2, 1, 2],
    'Agent with one connection': [() => new undici.Agent({ connections: 1 }), 1, 2, 1],
    BalancedPool: [() => new undici.BalancedPool([origin], bound), 2, 1, 2],
    EnvHttpProxyAgent: [() => new undici.EnvHttpProxyAgent(bound), 2, 1, 2],
    'composed Agent': [() => new undici.Agent(bound).compose(undici.interceptors.retry()), 2, 1, 2],
  } as const;

  for (const [name, [make, sockets, pending, limit]] of Object.entries(kinds)) {
    test(name, async () => {
      const dispatcher = make();
      const answers = [1, 2, 3].map(async () => {
        const { body } = await dispatcher.request({ origin, path: '/held', method: 'GET' });
        await body.dump();
      });
      await until(() => held.length === sockets);
      const report = inspectAgents({ dispatchers: { it: dispatcher }, maxPending: 1 });
      assert.deepEqual(
        report.origins.filter((row) => row.agent === 'it'),
        [{ agent: 'it', origin, sockets, free: 0, pending, limit, pools: 1 }],
      );
      assert.equal(report.agents.find(({ agent }) => agent === 'it')?.unknown, false);
      assert.equal(report.ok, pending <= 1);
      assert.ok(!`${report}`.includes('secret'));
      const timer = setInterval(server.release, 1);
      await Promise.all(answers);
      clearInterval(timer);
      const free = () =>
        inspectAgents({ dispatchers: [dispatcher] }).agents.find(({ agent }) => agent === 'dispatchers[0]');
      await until(() => free()?.free === sockets);
      await dispatcher.destroy();
    });
  }

  test('what waits for any of several origins is not lost', async () => {
    const balanced = new undici.BalancedPool([origin, origin.replace('127.0.0.1', 'localhost')], {
      connections: 1,
    });
    const answers = Promise.allSettled(
      [1, 2, 3, 4, 5].map(() => balanced.request({ path: '/held', method: 'GET' })),
    );
    await until(() => held.length >= 1);
    const rows = inspectAgents({ dispatchers: { balanced } }).origins.filter(
      (row) => row.agent === 'balanced',
    );
    const sum = rows.reduce((total, row) => total + row.sockets + row.pending, 0);
    assert.ok(sum >= 4 && sum <= 5, JSON.stringify(rows));
    assert.equal(rows.find((row) => row.origin === '(any)')?.pending, 3);
    await balanced.destroy();
    await answers;
    server.release();
  });

  test('one of unknown making is unknown, and its getters may throw', () => {
    const strange = {
      dispatch: () => true,
      get stats() {
        throw new Error('not today');
      },
      [Symbol('clients')]: new Map([['http://a.example', { dispatch: () => true }]]),
    };
    const report = inspectAgents({ dispatchers: { strange, plain: { dispatch: () => true } } });
    const unknown = report.agents.filter((summary) => summary.unknown).map(({ agent }) => agent);
    assert.deepEqual(unknown, ['strange', 'plain']);
    assert.match(String(report), /strange: of a version whose connections cannot be counted/);
  });

  test('one that holds itself comes to an end', () => {
    const ring: Record<PropertyKey, unknown> & { dispatch(): boolean } = { dispatch: () => true };
    ring[Symbol('agent')] = ring;
    inspectAgents({ dispatchers: [ring] });
  });
});
