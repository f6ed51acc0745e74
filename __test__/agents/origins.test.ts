import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { inspectAgents } from 'plateau';

/** The origins of an agent that has one socket in each of these pools. */
function originsOf(agent: Agent, names: string[]): string[] {
  for (const name of names) Object.assign(agent.sockets, { [name]: [{}] });
  return inspectAgents({ agents: { it: agent } })
    .origins.filter((row) => row.agent === 'it')
    .map((row) => row.origin);
}

suite('the origin of a pool', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  const port = fc.integer({ min: 1, max: 65_535 });
  const secret = fc.string({ minLength: 8 }).map((text) => `SECRET${text}`);

  for (const https of [false, true]) {
    test(`is that of the request, whatever TLS options it has (${https ? 'https' : 'http'})`, () => {
      fc.assert(
        fc.property(host, port, secret, secret, (host, port, key, ca) => {
          const agent = https ? new HttpsAgent() : new Agent();
          const name = agent.getName({
            host,
            port,
            ...(https ? { key, ca, cert: ca, servername: host } : {}),
          });
          const { origin } = new URL(
            `${https ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`,
          );
          assert.deepEqual(originsOf(agent, [name]), [origin]);
        }),
        { numRuns: 500 },
      );
    });
  }

  test('is an origin or (unknown), and one line, whatever name a pool has', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-f0-9:.@/ ]*$/));
    fc.assert(
      fc.property(name, (name) => {
        for (const origin of originsOf(new HttpsAgent(), [name])) {
          assert.match(origin, /^(\(unknown\)|https:\/\/[^\s/@]+)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
