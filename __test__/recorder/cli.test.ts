import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { live, only, plateau, postmortem, temporaryFolder } from './box';

suite('plateau', () => {
  test('lists its commands when asked, and when there is none', () => {
    for (const [args, status] of [
      [['--help'], 0],
      [['help'], 0],
      [[], 2],
    ] as const) {
      const outcome = plateau(...args);
      assert.equal(outcome.status, status);
      assert.match(outcome.stdout, /postmortem.*\n.*top/);
      assert.equal(outcome.stderr, '');
    }
  });

  test('says what is wrong with a command line, and exits with 2', () => {
    for (const args of [
      ['posmortem'],
      ['postmortem'],
      ['top', '--hours', '1', 'x'],
      ['postmortem', '--hours', '-1', 'x'],
    ]) {
      const { status, stdout, stderr } = plateau(...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^error: /, args.join(' '));
    }
  });
});

suite('plateau postmortem', () => {
  test('exits with 0 for a clean end, 1 for another, 2 where there is nothing to judge', async (t) => {
    const empty = temporaryFolder(t);
    assert.equal(plateau('postmortem', empty).status, 2);
    assert.equal(plateau('postmortem', join(empty, 'missing')).status, 2);
    const clean = live(t, 'ends by itself');
    const thrown = live(t, 'throws');
    await Promise.all([clean.ended, thrown.ended]);
    assert.equal(plateau('postmortem', clean.folder).status, 0);
    assert.equal(plateau('postmortem', thrown.folder).status, 1);
  });

  test('reads what a damaged file still holds, and names the damage', async (t) => {
    const life = live(t, 'exits');
    await life.ended;
    const { file, samples } = only(life.folder);
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, 30_000));
    const cut = postmortem(file).processes[0];
    assert.equal(cut?.samples.count, samples.count);
    assert.deepEqual(
      cut?.problems.map(({ offset }) => offset),
      [30_000],
    );
    const damaged = Buffer.from(whole);
    damaged[20_480 + 100] = (damaged[20_480 + 100] ?? 0) ^ 1;
    damaged[20_480 + 4096 + 45] = (damaged[20_480 + 4096 + 45] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    const hit = postmortem(file).processes[0];
    assert.equal(hit?.ending.kind, 'exit');
    assert.ok((hit?.problems.length ?? 0) > 0);
  });

  test('refuses files of something else, and says why', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'photo.plateau');
    for (const [content, reason] of [
      ['', /ends at byte 0/],
      ['x'.repeat(10_000), /first 8 bytes/],
    ] as const) {
      writeFileSync(file, content);
      const { status, stderr } = plateau('postmortem', file);
      assert.equal(status, 2);
      assert.match(stderr, reason);
      assert.equal(plateau('postmortem', folder).status, 2);
    }
  });

  test('writes a page in which nothing can run and only its style applies', async (t) => {
    const life = live(t, 'throws');
    await life.ended;
    const file = join(life.folder, 'page.html');
    plateau('postmortem', life.folder, '--html', file);
    const page = readFileSync(file, 'utf8');
    assert.ok(page.includes('&lt;img src=x onerror=alert(1)&gt;'));
    assert.ok(!page.includes('<img') && !page.includes('<script'));
    const style = page.match(/<style>(.*?)<\/style>/s)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(
      page.includes(
        `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
      ),
    );
    assert.ok(!/\sstyle=/.test(page), 'no style but that one');
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

suite('plateau top', () => {
  test('shows the living, and the one that differs from its siblings first', async (t) => {
    const life = live(t, '', { program: 'uneven', node: ['--expose-gc'] });
    await life.prints('ready');
    const { status, stdout } = plateau('top', '--json', life.folder);
    const { isolates } = JSON.parse(stdout) as {
      isolates: { pid: number; thread: number; floor: number; uneven: string | null; silent: boolean }[];
    };
    assert.equal(status, 1);
    assert.equal(isolates.length, 4);
    assert.ok(isolates.every(({ pid, silent }) => pid === life.child.pid && !silent));
    assert.deepEqual(
      isolates.map(({ uneven }) => uneven),
      ['floor', null, null, null],
    );
    const [greedy] = isolates;
    await life.prints(`greedy ${greedy?.thread}`);
    const text = plateau('top', '--once', life.folder).stdout;
    assert.match(text, new RegExp(`^! .*${life.child.pid}/${greedy?.thread} `, 'm'));
    assert.match(text, /its floor is far above that of its siblings/);
    assert.ok(!text.includes('\x1b'), 'no colours where there is no terminal');
    life.child.kill('SIGKILL');
    await life.ended;
    assert.equal(plateau('top', '--once', life.folder).status, 2);
  });
});
