/** What cannot be judged ends with exit code 2 and says why; nothing is left behind whatever happens. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCheckArgs } from '../../dist/testing.cjs';
import { until } from '../support';
import { app, QUICK, startCheck } from './support';

async function fails(
  t: TestContext,
  args: string[],
  message: RegExp,
  env?: NodeJS.ProcessEnv,
): Promise<void> {
  const run = startCheck(t, args, env);
  assert.equal(await run.code, 2, `${run.out}\n${run.err}`);
  assert.match(run.out + run.err, message);
}

test('options: which one, what was given, what is taken', () => {
  const wrong: Array<[string[], RegExp]> = [
    [['--connections', 'ten'], /^--connections must be a positive whole number, got "ten"$/],
    [
      ['--max-growth', '5 apples'],
      /^--max-growth must be a size per request such as 50B\/req or 1KB\/req, got "5 apples"$/,
    ],
    [['--abort-ratio', '1.5'], /^--abort-ratio must be a share such as 0.1 or 10%, got "1.5"$/],
    [['--timeout', '0'], /^--timeout must be a duration such as 90s, 5m or 500ms, got "0"$/],
    [['--rate', '-1'], /rate/],
    [['--header', 'secret'], /^--header must be "name: value"$/],
    [['--body', '@/no/such/file'], /^--body @\/no\/such\/file cannot be read: ENOENT/],
    [['--speed', '3'], /Unknown option '--speed'/],
    [['server.js'], /^"server.js" is no option: the command comes after --/],
  ];
  for (const [args, message] of wrong) {
    assert.throws(() => readCheckArgs([...args, '--', 'node', 'a.js']), { message }, args.join(' '));
  }
  assert.throws(() => readCheckArgs(['--url', '/a']), /there is no command/);
  assert.equal(readCheckArgs(['--help']), undefined);
});

test('arguments: sizes, durations, shares, and an address at the end of the command', () => {
  const read = (...args: string[]) => readCheckArgs([...args, '--', 'node', 'a.js'])?.options;
  assert.equal(read('--max-growth', '0.5KB/req')?.maxGrowth, 512);
  assert.equal(read('--timeout', '2m')?.timeout, 120_000);
  assert.equal(read('--patience', '0')?.patience, 0);
  assert.equal(read('--max-errors', '1%')?.maxErrors, 0.01);
  assert.deepEqual(read('-H', 'X-Key: a:b')?.headers, { 'x-key': 'a:b' });
  const late = readCheckArgs(['--json', '--', 'node', 'a.js', '--url', 'http://localhost:3000/cart']);
  assert.deepEqual(late?.options.command, ['node', 'a.js']);
  assert.deepEqual(late?.options.urls, ['http://localhost:3000/cart']);
  assert.match(String(late?.notes[0]), /belongs before --/);
  assert.equal(late?.outputs.json, '-');
  const own = readCheckArgs(['--', 'node', 'a.js', '--url', 'https://example.com']);
  assert.deepEqual(
    own?.options.command,
    ['node', 'a.js', '--url', 'https://example.com'],
    'that is the app’s',
  );
});

test('the command line: bad usage, options that exclude each other, help', async (t) => {
  await fails(t, ['--connections', '0', '--', 'node'], /plateau check: --connections must be/);
  await fails(
    t,
    ['--har', 'a', '--scenario', 'b', '--', 'node'],
    /har, scenario and websocket exclude each other/,
  );
  await fails(t, ['--url', 'cart', '--', 'node'], /paths, such as \/cart, or http addresses, got "cart"/);
  const help = startCheck(t, ['--help']);
  assert.equal(await help.code, 0);
  assert.match(help.out, /^Usage: plateau check \[options\] -- <command>/);
});

test('a program that is not there, one that ends at once, one that never listens', async (t) => {
  await fails(
    t,
    ['--', 'no-such-program-at-all'],
    /"no-such-program-at-all" cannot be started: there is no such program/,
  );
  await fails(
    t,
    ['--', process.execPath, '-e', 'throw new Error("no config")'],
    /ended by itself: exit code 1[\s\S]*no config/,
  );
  const idle = ['--', process.execPath, '-e', 'setInterval(() => {}, 1000)'];
  await fails(t, ['--start-timeout', '1s', ...idle], /did not listen on any port in 1 s/);
});

test('a port that is taken, as the check sees it and as the app does', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  await fails(t, ['--url', url, ...app('leak-map.cjs')], new RegExp(`port ${port} is taken`));
  const env = { PORT: String(port) };
  await fails(t, app('leak-map.cjs'), new RegExp(`its port is taken \\(127.0.0.1:${port}\\)`), env);
});

test('an app that crashes under load, and one that answers with errors', async (t) => {
  await fails(t, [...QUICK, ...app('crash.cjs')], /ended by itself: exit code 1[\s\S]*out of tea/);
  await fails(t, [...QUICK, ...app('failing.cjs')], /requests failed \(\d+ × 503\); --max-errors allows 5 %/);
});

test('files: outputs that cannot be written are found before the app is started, inputs as well', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'check-out-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const command = app('leak-map.cjs');
  mkdirSync(join(folder, 'a.html'));
  await fails(
    t,
    ['--html', join(folder, 'a.html'), ...command],
    /--html .*a\.html cannot be written: it is a folder/,
  );
  await fails(t, ['--junit', join(folder, 'no/a.xml'), ...command], /--junit .* cannot be written: ENOENT/);
  await fails(t, ['--har', join(folder, 'no.har'), ...command], /--har .* cannot be read: ENOENT/);
  writeFileSync(join(folder, 'a.har'), '{"log":{}}');
  await fails(t, ['--har', join(folder, 'a.har'), ...command], /is no HAR file: it has no log.entries/);
  writeFileSync(join(folder, 'a.mjs'), 'export const a = 1;');
  await fails(
    t,
    ['--scenario', join(folder, 'a.mjs'), ...command],
    /must have a function as its default export/,
  );
  const env = { TMPDIR: join(folder, 'none') };
  await fails(t, command, /no folder for temporary files can be made: ENOENT/, env);
});

test('Ctrl-C ends the app, whatever it has started itself, and exits with 130', async (t) => {
  const run = startCheck(t, ['--requests', '200', '--rounds', '40', ...app('strays.cjs')]);
  await until(() => run.err.includes('measuring'), 'measuring');
  run.child.kill('SIGINT');
  assert.equal(await run.code, 130, run.err);
});

test('when the check is killed, the app ends by itself', {
  skip: process.platform === 'win32',
}, async (t) => {
  const run = startCheck(t, ['--requests', '200', '--rounds', '40', ...app('leak-map.cjs')]);
  await until(() => run.err.includes('measuring'), 'measuring');
  run.child.kill('SIGKILL');
  // That nothing is left is looked at, as always.
  assert.equal(await run.code, null);
});
