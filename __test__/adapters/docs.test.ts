/** The examples of docs/adapters.md do what is said there. Each runs as it is printed, with a few lines after it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/adapters.md'), 'utf8');
const examples = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code as string);

/** Asks an app twice over HTTP. */
const asked = `
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = \`http://127.0.0.1:\${server.address().port}/\`;
const first = await fetch(url);
const headers = { cookie: first.headers.get('set-cookie')?.split(';')[0] ?? '' };
const second = await fetch(url, { headers });
console.log(await first.text(), await second.text());
server.close();
server.closeAllConnections();
`;

const cases: [about: string, has: string, after: string, says: string][] = [
  ['Keyv', "from 'plateau/keyv'", "console.log(await pages.get('/'), cache.size);", "{ title: 'Home' } 1"],
  [
    'cacheable',
    "from 'cacheable'",
    "console.log(user, await cacheable.get('user:42'));",
    "{ name: 'Ada' } { name: 'Ada' }",
  ],
  [
    'cache-manager',
    "from 'cache-manager'",
    "console.log(user, await manager.get('user:42'));",
    "{ name: 'Ada' } { name: 'Ada' }",
  ],
  ['express-session', "from 'express-session'", asked, 'view 1 view 2'],
  [
    'express-rate-limit',
    "from 'express-rate-limit'",
    `${asked}console.log(store.cache.size);`,
    'hello hello\n1',
  ],
];

for (const [about, has, after, says] of cases) {
  test(`the example of ${about} runs`, () => {
    const code = examples.find((example) => example.includes(has));
    assert.ok(code, `docs/adapters.md has no example with ${has}`);
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code + after], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(stdout.trim(), says, stderr);
  });
}

test('every example is among them', () => {
  assert.equal(examples.length, cases.length);
});
