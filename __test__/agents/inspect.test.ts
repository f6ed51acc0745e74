import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, globalAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { inspectAgents } from 'plateau';
import { holdingServer, until } from '../support';

let origin: string;
const server = holdingServer((at) => {
  origin = at;
});
const { held } = server;

/** Requests that get no answer until `release`. */
async function hold(agent: Agent, requests: number, arriving: number): Promise<() => Promise<void>> {
  const before = held.length;
  const done: Promise<unknown>[] = [];
  for (let i = 0; i < requests; i++) {
    done.push(
      new Promise((resolve, reject) => {
        get(`${origin}/held`, { agent }, (response) => response.resume().on('end', resolve)).on(
          'error',
          reject,
        );
      }),
    );
  }
  await until(() => held.length === before + arriving);
  return async () => {
    const timer = setInterval(() => {
      for (const response of held.splice(0)) response.end();
    }, 1);
    await Promise.all(done);
    clearInterval(timer);
  };
}

/** An agent as Node's are, with these pools in use. */
function agentWith(pools: Record<string, number>, protocol = 'https:'): HttpsAgent {
  const agent = protocol === 'https:' ? new HttpsAgent() : new Agent();
  for (const [name, count] of Object.entries(pools)) {
    (agent.sockets as Record<string, Socket[]>)[name] = Array.from({ length: count }, () => new Socket());
  }
  return agent as HttpsAgent;
}

suite('agents of node:http', () => {
  test('sockets in use, free ones and waiting requests are counted per origin', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const release = await hold(agent, 5, 2);
    const during = inspectAgents({ agents: { mine: agent } });
    assert.deepEqual(
      during.origins.filter((row) => row.agent === 'mine'),
      [{ agent: 'mine', origin, sockets: 2, free: 0, pending: 3, limit: 2, pools: 1 }],
    );
    assert.deepEqual(
      during.agents.find((summary) => summary.agent === 'mine'),
      {
        ...{ agent: 'mine', kind: 'http', origins: 1, sockets: 2, free: 0, pending: 3 },
        ...{ keepAlive: true, unknown: false },
      },
    );
    await release();
    await until(() => inspectAgents({ agents: [agent] }).agents[0]?.free === 2);
    const later = inspectAgents({ agents: [agent] });
    assert.deepEqual(later.origins[0], {
      ...{ agent: 'agents[0]', origin, sockets: 0, free: 2, pending: 0, limit: 2, pools: 1 },
    });
    agent.destroy();
    assert.equal(later.agents[0]?.free, 2, 'a report does not change afterwards');
  });

  test('the global agents are always there, and once', async () => {
    const release = await hold(globalAgent, 1, 1);
    const report = inspectAgents();
    assert.deepEqual(
      report.origins.find((row) => row.agent === 'http.globalAgent'),
      {
        ...{ agent: 'http.globalAgent', origin, sockets: 1, free: 0, pending: 0 },
        ...{ limit: Number.POSITIVE_INFINITY, pools: 1 },
      },
    );
    assert.ok(report.agents.some(({ agent }) => agent === 'https.globalAgent'));
    const named = inspectAgents({ agents: { ours: globalAgent } });
    assert.deepEqual(
      named.agents.filter(({ kind }) => kind === 'http').map(({ agent }) => agent),
      ['ours', 'https.globalAgent'],
    );
    await release();
    globalAgent.destroy();
  });

  test('an origin is host and port; certificates, keys and passphrases are never shown', async () => {
    const agent = new HttpsAgent();
    const secrets = {
      ca: '-----BEGIN CERTIFICATE-----\nSECRET-CA\n-----END CERTIFICATE-----',
      cert: 'SECRET-CERT',
      key: '-----BEGIN PRIVATE KEY-----\nSECRET:KEY\n-----END PRIVATE KEY-----',
      pfx: 'SECRET-PFX',
      passphrase: 'SECRET-PASS',
    };
    const names = [
      agent.getName({ host: 'api.example.com', port: 8443, ...secrets }),
      agent.getName({ host: '2001:db8::1:2', port: 443, ...secrets }),
      agent.getName({ host: 'user:SECRET-AUTH@evil.example', port: 443 }),
      'SECRET-CUSTOM-NAME',
      '',
      ':'.repeat(1000),
      '__proto__:443:',
    ];
    assert.ok(names[0]?.includes('SECRET'), 'Node puts them into the name');
    const report = inspectAgents({ agents: [agentWith(Object.fromEntries(names.map((name) => [name, 1])))] });
    const text = `${JSON.stringify(report)} ${report}`;
    assert.ok(!text.includes('SECRET'), text);
    const mine = report.origins.filter((row) => row.agent === 'agents[0]');
    assert.deepEqual(mine.map((row) => row.origin).sort(), [
      '(unknown)',
      'https://[2001:db8::1:2]',
      'https://__proto__',
      'https://api.example.com:8443',
    ]);
  });

  test('the port of a socket tells an IPv6 address from what follows', () => {
    const agent = new Agent();
    const socket = new Socket();
    Object.defineProperty(socket, 'remotePort', { value: 8080 });
    (agent.sockets as Record<string, Socket[]>)['::1:2:8080:'] = [socket];
    assert.equal(inspectAgents({ agents: [agent] }).origins[0]?.origin, 'http://[::1:2]:8080');
  });

  test('a Unix socket is an origin too', { skip: process.platform === 'win32' }, async () => {
    const path = join(tmpdir(), `plateau-${process.pid}.sock`);
    const unix = createServer((_request, response) => held.push(response));
    unix.listen(path);
    await once(unix, 'listening');
    const agent = new Agent();
    get({ socketPath: path, agent }).on('error', () => {});
    await once(unix, 'request');
    const report = inspectAgents({ agents: { mine: agent } });
    agent.destroy();
    unix.close();
    held.pop();
    assert.equal(report.origins.find((row) => row.agent === 'mine')?.origin, `unix:${path}`);
  });

  test('pools of one origin that differ in their TLS options are one row, and too many of them are found', () => {
    const agent = new HttpsAgent();
    const pools: Record<string, number> = {};
    for (let i = 0; i < 17; i++)
      pools[agent.getName({ host: 'api.example.com', port: 443, ca: `ca ${i}` })] = 1;
    const report = inspectAgents({ agents: [agentWith(pools)] });
    assert.deepEqual([report.origins[0]?.sockets, report.origins[0]?.pools], [17, 17]);
    assert.deepEqual(
      report.findings.map(({ code, value, bound, count }) => ({ code, value, bound, count })),
      [
        { code: 'pools', value: 17, bound: 16, count: 1 },
        { code: 'keep-alive-off', value: 17, bound: 9, count: 1 },
      ],
    );
  });
});

suite('bounds', () => {
  const codes = (report: ReturnType<typeof inspectAgents>): string[] =>
    report.findings.map(({ code }) => code);

  test('what is over one is a finding that names the worst origin and the number of them', async () => {
    const agent = agentWith({ 'a.example:80:': 3, 'b.example:80:': 5, 'c.example:80:': 2 }, 'http:');
    const report = inspectAgents({ agents: { mine: agent }, maxSockets: 2 });
    assert.equal(report.ok, false);
    const { message, ...finding } = report.findings[0] as (typeof report.findings)[number];
    assert.deepEqual(finding, {
      ...{ code: 'sockets', agent: 'mine', origin: 'http://b.example', value: 5, bound: 2, count: 2 },
    });
    assert.match(
      message,
      /^mine: 5 sockets in use, over 2, and the agent has no limit: to http:\/\/b\.example/,
    );
    assert.ok(String(report).includes(message));
  });

  test('at the bound nothing is said', () => {
    const agent = agentWith({ 'a.example:80:': 4 }, 'http:');
    agent.maxSockets = 4;
    assert.deepEqual(codes(inspectAgents({ agents: [agent], maxSockets: 4 })), []);
    assert.deepEqual(codes(inspectAgents({ agents: [agent], maxSockets: 3 })), ['sockets']);
  });

  test('waiting requests, free sockets and origins have their own', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    const release = await hold(agent, 5, 3);
    const given = { agents: [agent] };
    assert.deepEqual(codes(inspectAgents({ ...given, maxPending: 1 })), ['pending']);
    assert.deepEqual(codes(inspectAgents({ ...given, maxPending: 2 })), []);
    await release();
    await until(() => inspectAgents(given).totals.free >= 3);
    assert.deepEqual(codes(inspectAgents({ ...given, maxFree: 2 })), ['free']);
    assert.deepEqual(codes(inspectAgents({ ...given, maxFree: 3 })), []);
    agent.destroy();
    const many = agentWith({ 'a.example:80:': 1, 'b.example:80:': 1 }, 'http:');
    assert.deepEqual(codes(inspectAgents({ agents: [many], maxOrigins: 1 })), ['origins']);
  });

  test('an agent without a limit is a finding from half the bound on, one with a limit is not', () => {
    const agent = agentWith({ 'a.example:80:': 6 }, 'http:');
    assert.deepEqual(codes(inspectAgents({ agents: [agent], maxSockets: 11 })), ['unbounded']);
    assert.deepEqual(codes(inspectAgents({ agents: [agent], maxSockets: 12 })), []);
    agent.maxTotalSockets = 100;
    assert.deepEqual(codes(inspectAgents({ agents: [agent], maxSockets: 11 })), []);
  });

  test('a report with 100,000 origins is made and shown in short', () => {
    const pools = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`h${i}.example:80:`, 1]));
    const lists = Object.fromEntries(Object.keys(pools).map((name) => [name, [{}]]));
    const report = inspectAgents({ agents: [{ sockets: lists, freeSockets: {}, requests: {} }] });
    assert.equal(report.totals.origins, 100_000);
    assert.deepEqual(codes(report), ['origins']);
    assert.ok(String(report).split('\n').length < 30);
  });
});

suite('bad input', () => {
  const cases: [unknown, string, RegExp][] = [
    [null, 'PLATEAU_INVALID_ARGUMENT', /^options must be an object, got null/],
    [{ maxSocket: 5 }, 'PLATEAU_INVALID_OPTION', /no option "maxSocket"; the options are agents, /],
    [{ agents: new Agent() }, 'PLATEAU_INVALID_OPTION', /^agents must be an array or an object with names/],
    [{ agents: [{}] }, 'PLATEAU_INVALID_OPTION', /^agents\[0\] must be an agent of node:http/],
    [{ agents: { a: 5 } }, 'PLATEAU_INVALID_OPTION', /^agents\.a must be an agent of node:http.*got 5/],
    [
      { dispatchers: [new Agent()] },
      'PLATEAU_INVALID_OPTION',
      /^dispatchers\[0\] must be a dispatcher of undici/,
    ],
    [{ maxSockets: '5' }, 'PLATEAU_INVALID_OPTION', /^maxSockets must be a whole number, 1 or more/],
    [{ maxFree: 0 }, 'PLATEAU_OUT_OF_RANGE', /^maxFree must be .*got 0/],
    [{ maxPending: 1.5 }, 'PLATEAU_OUT_OF_RANGE', /^maxPending/],
    [{ maxOrigins: Number.NaN }, 'PLATEAU_OUT_OF_RANGE', /^maxOrigins/],
  ];
  for (const [options, code, message] of cases) {
    test(`${message.source} (${code})`, () => {
      assert.throws(() => inspectAgents(options as never), { code, message });
    });
  }
});
