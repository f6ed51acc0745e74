import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { GrowthProfile } from 'plateau';
import { until } from '../support';

const root = join(__dirname, '../..');
const preload = pathToFileURL(join(root, 'dist/register.mjs')).href;
/** The directory for temporary files of the processes here; short, since names of sockets have to be. */
const folder = mkdtempSync(join(tmpdir(), 'pl-'));
const sockets = join(folder, `plateau-${process.geteuid?.() ?? 0}`);
const children: ChildProcess[] = [];

after(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(sockets, { recursive: true, force: true });
});

const LEAK = `
const kept = new Map();
let n = 0;
function leak() { kept.set(n++, new Array(60).fill(n)); }
setInterval(() => { for (let i = 0; i < 50; i++) leak(); }, 5);
`;

/** A program of one line with the preload, and what it says on stderr. */
function start(
  code: string,
  env: NodeJS.ProcessEnv = { PLATEAU_CONTROL: '1' },
): { pid: number; child: ChildProcess; said(): string } {
  const file = join(folder, `program-${children.length}.cjs`);
  writeFileSync(file, code);
  const child = spawn(process.execPath, ['--no-turbo-inlining', '--import', preload, file], {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
  });
  return { pid: child.pid as number, child, said: () => said };
}

function socketOf(pid: number): string {
  return join(sockets, `${pid}.sock`);
}

async function listening(code: string) {
  const started = start(code);
  await until(() => existsSync(socketOf(started.pid)) || started.said() !== '', 'a socket');
  return started;
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function plateau(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'dist/cli.cjs'), 'profile', ...args],
      { env: { ...process.env, TMPDIR: folder }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Sends a line to a control socket; what comes back. */
async function send(path: string, text: string): Promise<string> {
  const socket = connect(path, () => socket.write(text));
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return answer;
}

const onUnix = { skip: process.platform === 'win32' && 'pipes of Windows have no directory' };

suite('plateau profile <pid>', onUnix, () => {
  test('prints who leaks in a process that listens, whose socket is its user’s alone', async () => {
    const { pid, said } = await listening(LEAK);
    assert.equal(statSync(sockets).mode & 0o777, 0o700);
    await until(() => (statSync(socketOf(pid)).mode & 0o777) === 0o600, 'a socket for its user alone');
    const table = await plateau(String(pid), '--duration', '1s', '--interval', '16384');
    assert.equal(table.code, 1, table.stderr);
    // V8 may have compiled `leak` into the function that calls it.
    assert.match(table.stdout, /1 .* growing .*program-0\.cjs:(?:4 leak|5 \(anonymous\))/);
    const json = await plateau(String(pid), '--duration', '1s', '--json', '--limit', '1', '--gc');
    const profile = JSON.parse(json.stdout) as GrowthProfile;
    assert.deepEqual([profile.schema, profile.stacks.length], [1, 1]);
    assert.ok(['leak', '(anonymous)'].includes(String(profile.stacks[0]?.function)));
    assert.ok((profile.heap.before ?? 0) > 0);
    assert.equal(said(), '');
  });

  test('a process that was not told to listen does not, and the message says how', async () => {
    const { pid } = start(LEAK, {});
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    assert.equal(code, 2);
    assert.match(stderr, /does not listen: .*PLATEAU_CONTROL=1.*control: true/);
    assert.equal(existsSync(sockets), false);
  });

  test('what cannot be asked is said in one line', async () => {
    for (const [args, message] of [
      [['4194304'], /there is no process 4194304/],
      [['server.js'], /"server.js" is no process/],
      [['1', '--duration', '5'], /--duration takes a time from 1s/],
      [['1', '--limit', 'all'], /--limit takes a whole number/],
      [[], /takes one process or address/],
    ] as const) {
      const { code, stderr, stdout } = await plateau(...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    }
  });

  test('one profile at a time; a client that goes ends its own', async () => {
    const { pid } = await listening(LEAK);
    const path = socketOf(pid);
    const first = connect(path);
    await once(first, 'connect');
    first.write('{"command":"profile","options":{"duration":3600000}}\n');
    await until(() => first.bytesWritten > 0);
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    assert.deepEqual([code, /being made in this thread already/.test(stderr)], [2, true], stderr);
    first.destroy();
    await until(() => first.closed);
    const again = await plateau(String(pid), '--duration', '1s');
    assert.equal(again.code, 1, again.stderr);
  });

  test('requests that are none, too long or too many are turned away', async () => {
    const { pid } = await listening(LEAK);
    const path = socketOf(pid);
    for (const [text, message] of [
      ['hello\n', /one line of JSON/],
      ['null\n', /one line of JSON/],
      ['{"command":"toString"}\n', /no command \\"toString/],
      ['{"command":"profile","options":{"duration":1}}\n', /duration must be from 1000/],
      ['{"command":"profile","options":{"signal":1,"many":2}}\n', /no option \\"many/],
      [`${'x'.repeat(5000)}`, /at most 4096 characters/],
    ] as const) {
      assert.match(await send(path, text), message);
    }
    const many = Array.from({ length: 12 }, () => connect(path));
    for (const socket of many) socket.on('error', () => {});
    await until(() => many.filter((socket) => socket.closed).length >= 8, 'some to be turned away');
    for (const socket of many) socket.destroy();
  });

  test('it keeps no process alive, and its socket goes with it', async () => {
    const { pid, child } = await listening('setTimeout(() => {}, 700)');
    assert.equal(existsSync(socketOf(pid)), true);
    await once(child, 'exit');
    assert.deepEqual([child.exitCode, readdirSync(sockets)], [0, []]);
  });

  test('a socket that a killed process left is cleaned up by the next', async () => {
    const { pid, child } = await listening(LEAK);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(existsSync(socketOf(pid)), true);
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    assert.deepEqual([code, /there is no process/.test(stderr)], [2, true]);
    const next = await listening(LEAK);
    assert.deepEqual(readdirSync(sockets), [`${next.pid}.sock`]);
  });

  test('a socket of a process that does not answer any more is no process that listens', async () => {
    const { pid } = start(LEAK, {});
    mkdirSync(sockets, { mode: 0o700 });
    // Left by another of this number.
    const server = createServer().listen(join(folder, 'other.sock'));
    await once(server, 'listening');
    symlinkSync(join(folder, 'other.sock'), socketOf(pid));
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    server.close();
    assert.deepEqual([code, /is not trusted: it is no socket/.test(stderr)], [2, true], stderr);
  });

  test('a directory that others may enter is not trusted, by neither side; the program runs on', async () => {
    mkdirSync(sockets);
    chmodSync(sockets, 0o755);
    const { pid, said, child } = start(LEAK);
    await until(() => said().includes('\n'), 'a warning');
    assert.match(said(), /PLATEAU_CONTROL.*other users may enter it/s);
    assert.equal(child.exitCode, null);
    assert.deepEqual(readdirSync(sockets), []);
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    assert.deepEqual([code, /other users may enter it/.test(stderr)], [2, true], stderr);
  });

  test('a link in its place is not trusted', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, sockets);
    const { said } = start(LEAK);
    await until(() => said().includes('\n'), 'a warning');
    assert.match(said(), /it is no directory/);
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  test('a directory of another user is not trusted', {
    skip: process.geteuid?.() !== 0 && 'not root',
  }, async () => {
    mkdirSync(sockets, { mode: 0o700 });
    const { chownSync } = await import('node:fs');
    chownSync(sockets, 65534, 65534);
    const { said, pid } = start(LEAK);
    await until(() => said().includes('\n'), 'a warning');
    assert.match(said(), /it belongs to user 65534/);
    const { code, stderr } = await plateau(String(pid), '--duration', '1s');
    assert.deepEqual([code, /it belongs to user 65534/.test(stderr)], [2, true], stderr);
  });
});
