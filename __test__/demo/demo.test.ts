/** The demo as it is called: a short run, a run that is stopped, and calls that make no sense. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const demo = join(__dirname, '../../examples/demo/run.mjs');
const folder = mkdtempSync(join(tmpdir(), 'plateau-demo-'));
after(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  return spawn(process.execPath, [demo, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(...args: string[]) {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}

test('a run loads both apps, and only the leaking one keeps growing', async () => {
  const json = join(folder, 'result.json');
  const html = join(folder, 'report.html');
  // What was there before may have been readable for everybody.
  writeFileSync(html, 'old', { mode: 0o644 });
  const { stdout, stderr, code } = await run(
    '--seconds',
    '4',
    '--no-verdict',
    '--json',
    json,
    '--html',
    html,
  );
  assert.equal(code, 0, stderr);

  const result = JSON.parse(readFileSync(json, 'utf8'));
  const { leaking, fixed } = result.apps;
  assert.ok(fixed.requests > 500, `${fixed.requests} requests`);
  assert.equal(fixed.requests, leaking.requests, 'both did the same work');
  for (const app of [leaking, fixed]) {
    assert.ok(app.requestsPerSecond > 0 && app.p99 > 0 && app.hitRatio > 0.5 && app.samples.length > 4);
  }
  for (const [kind, held] of Object.entries<number>(fixed.held)) {
    const bound = fixed.bounds[kind];
    assert.ok(held > 0 && (bound === null || held <= bound), `${kind}: ${held} of ${bound}`);
    assert.equal(leaking.bounds[kind], null);
    // In a run as short as this, waits that time out in seconds are timers as well.
    if (kind === 'timers') continue;
    const more = leaking.held[kind] > held || (bound === null && leaking.held[kind] === held);
    assert.ok(more, `${kind}: the leaking app holds ${leaking.held[kind]}`);
  }
  assert.ok(leaking.floorEnd - leaking.floorStart > fixed.floorEnd - fixed.floorStart);
  assert.ok(leaking.slope > 0);
  assert.ok(!('sampled' in result), 'nobody waited for the verdicts');

  for (const part of ['leaking', 'requests/s', 'p99', 'entries held', 'floor', 'report.html']) {
    assert.ok(stdout.includes(part), `the output shows ${part}`);
  }
  assert.ok(!stdout.includes('\x1b'), 'no colours outside of a terminal');
  const page = readFileSync(html, 'utf8');
  assert.match(page, /^<!doctype html>/);
  assert.doesNotMatch(page, /(?:src|href)="?https?:/, 'the page loads nothing');
  if (process.platform !== 'win32') {
    for (const file of [json, html]) assert.equal(statSync(file).mode & 0o777, 0o600);
  }
  assert.deepEqual(
    readdirSync(folder).toSorted(),
    ['report.html', 'result.json'],
    'nothing is left beside them',
  );
});

test('a run that is stopped ends with its apps and writes nothing', {
  skip: process.platform === 'win32',
}, async () => {
  const html = join(folder, 'never.html');
  const child = start('--seconds', '600', '--html', html);
  const closed = once(child, 'close');
  await once(child.stderr, 'data');
  child.kill('SIGTERM');
  // It cannot end before its apps have: their channels keep it alive.
  assert.deepEqual(await closed, [143, null]);
  assert.ok(!readdirSync(folder).includes('never.html'));
});

test('the help names every option', async () => {
  const { stdout, code } = await run('--help');
  assert.equal(code, 0);
  for (const option of ['seconds', 'no-verdict', 'html', 'json', 'no-color', 'help']) {
    assert.match(stdout, new RegExp(`^  --${option} `, 'm'));
  }
});

test('a call that makes no sense says what would, with exit code 2', async () => {
  const calls = [
    { args: ['--seconds', '5m'], says: 'seconds must be a number from 2 to 600, got "5m"' },
    { args: ['--seconds', '1e9'], says: 'seconds must be a number' },
    { args: ['--what'], says: "Unknown option '--what'" },
    { args: ['stray'], says: 'stray' },
  ];
  for (const { args, says } of calls) {
    const { stdout, stderr, code } = await run(...args);
    assert.equal(code, 2);
    assert.ok(stderr.includes(says), stderr);
    assert.equal(stdout, '');
  }
});
