/** The page in a real browser: what it shows, that it lives, and that everybody can read and work it. */

// biome-ignore-all lint/suspicious/noExplicitAny: in the functions that run in the page, whose types the tests do not have

import assert from 'node:assert/strict';
import { after, before, mock, suite, test } from 'node:test';
import { BoundedCache, MemorySampler, SharedCache, startMemorySampler } from 'plateau';
import { dashboard } from 'plateau/express';
import type { Browser } from 'puppeteer-core';
import { serve } from '../log/fixtures/server';
import { launch, open, read, skip } from './fixtures/browser';
import { leak } from './fixtures/leak';

suite('in Chromium', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  const sampler = startMemorySampler();
  after(() => sampler.stop());
  const keep: unknown[] = [];

  test('the page shows the state, and its numbers change by themselves', async (t) => {
    const cache = new BoundedCache({ name: 'users', maxEntries: 100 });
    cache.set('a', 1);
    const shared = new SharedCache({ name: 'pages', maxBytes: 2 ** 20 });
    t.after(() => shared.close());
    const port = await serve(t, dashboard({ authorize: () => true, title: 'the shop' }));
    const { page, said, requested } = await open(browser, `http://127.0.0.1:${port}/`);
    t.after(() => page.close());
    assert.equal(await read(page, 'h1'), 'Memory of the shop');
    assert.match(
      await read(page, '#process'),
      new RegExp(`Process ${process.pid}, up .* Node ${process.versions.node}`),
    );
    await page.waitForFunction("document.querySelector('#connection').textContent === 'live'");
    await page.waitForFunction("/[a-z]{3}.*\\.$/.test(document.querySelector('#evidence').textContent)");
    assert.match(await read(page, '#facts'), /Heap limit\s+[\d.]+ GiB\s+RSS\s+[\d.]+ MiB/);
    assert.match(await read(page, '#caches'), /users\s+–\s+1\s+100/);
    assert.match(await read(page, '#caches'), /pages \(shared\)\s+–\s+0\s+–/);
    assert.match(await read(page, '#isolates'), new RegExp(`${process.pid}, main \\(this\\)`));

    for (let i = 0; i < 42; i++) cache.set(i, i);
    cache.get(1);
    await page.waitForFunction(() =>
      /users100 %43100/.test((globalThis as any).document.querySelector('#caches').textContent),
    );
    const points = () => page.$eval('#heap-chart', (chart) => chart.getAttribute('aria-label'));
    const first = await points();
    for (let i = 0; i < 2e5; i++) keep.push({ i });
    await page.waitForFunction(
      (was: string | null) => (globalThis as any).document.querySelector('#heap-chart').ariaLabel !== was,
      {},
      first,
    );
    const drawn = await page.$$eval('canvas', (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as any;
        const { data } = (canvas as any).getContext('2d').getImageData(0, 0, width, height);
        return new Set(new Uint32Array(data.buffer)).size;
      }),
    );
    assert.ok(drawn.length === 3 && drawn.every((colours) => colours > 3), `colours drawn: ${drawn}`);

    assert.deepEqual(said, []);
    const elsewhere = requested.filter(
      (url) => !url.startsWith(`http://127.0.0.1:${port}/`) && url !== 'data:,',
    );
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(await page.cookies(), []);
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [375, 1100]) {
      test(`${scheme}, ${width} pixels wide: no horizontal scroll, and every text stands out`, async (t) => {
        const verdict = mock.method(MemorySampler.prototype, 'verdict', () =>
          leak(`${'long'.repeat(60)} words`),
        );
        t.after(() => verdict.mock.restore());
        const caches = ['a', 'b'.repeat(300)].map((name) => new BoundedCache({ name, maxEntries: 10 }));
        const port = await serve(t, dashboard({ authorize: () => true, title: 't'.repeat(120) }));
        const { page, said } = await open(browser, `http://127.0.0.1:${port}/`, { scheme, width });
        t.after(() => page.close());
        for (const details of await page.$$('details')) {
          await details.evaluate((each) => each.setAttribute('open', ''));
        }
        const { widths, paper, low } = await page.evaluate(() => {
          const { document, getComputedStyle, innerWidth } = globalThis as any;
          const luminance = (color: string) => {
            const [r, g, b] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
              const value = Number(part) / 255;
              return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            }) as [number, number, number];
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const behind = (element: any): string => {
            const { backgroundColor } = getComputedStyle(element);
            return backgroundColor === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : backgroundColor;
          };
          const low: string[] = [];
          for (const element of document.querySelectorAll('body *')) {
            const own = [...element.childNodes].some(
              (node: any) => node.nodeType === 3 && node.data.trim() !== '',
            );
            if (!own || ['SCRIPT', 'NOSCRIPT'].includes(element.tagName)) continue;
            const [a, b] = [getComputedStyle(element).color, behind(element)]
              .map(luminance)
              .sort((x, y) => y - x) as [number, number];
            if ((a + 0.05) / (b + 0.05) < 4.5) low.push(element.textContent);
          }
          const paper = luminance(getComputedStyle(document.body).backgroundColor);
          return { widths: [document.documentElement.scrollWidth, innerWidth], paper, low };
        });
        assert.deepEqual(widths, [width, width]);
        assert.ok(scheme === 'dark' ? paper < 0.1 : paper > 0.9, `paper ${paper}`);
        assert.deepEqual(low, [], 'contrast of less than 4.5 to 1');
        assert.deepEqual(said, []);
        assert.equal(caches.length, 2);
      });
    }
  }

  test('everything is reached and worked by keyboard', async (t) => {
    const port = await serve(t, dashboard({ authorize: () => true }));
    const { page, requested } = await open(browser, `http://127.0.0.1:${port}/`);
    t.after(() => page.close());
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = (globalThis as any).document;
        const { tagName, id, className, parentElement } = activeElement;
        return tagName === 'SUMMARY'
          ? `summary ${parentElement.dataset.table}`
          : id || className || activeElement.value || tagName;
      });
    const reached: string[] = [];
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      const name = await focused();
      if (name === 'BODY') break;
      reached.push(name);
      if (name === '10m') {
        const fetched = page.waitForResponse((response) => response.url().endsWith('history.json?range=2h'));
        await page.keyboard.press('ArrowRight');
        assert.equal(await focused(), '2h');
        await fetched;
      }
      if (name === 'summary heap') await page.keyboard.press('Enter');
    }
    assert.deepEqual(reached, [
      ...['skip', '10m', 'limit', 'summary heap', 'wide', 'summary split', 'summary cost'],
      ...['trends', 'caches', 'listeners', 'scopes', 'isolates'],
    ]);
    const table = await read(page, 'details[data-table=heap]');
    assert.match(table, /time\s+used\s+floor\s+limit/);
    assert.ok(requested.length > 3);
  });

  test('a change of the verdict is announced, the seconds that pass are not', async (t) => {
    let text = 'first';
    const verdict = mock.method(MemorySampler.prototype, 'verdict', () => ({
      ...leak(text),
      verdict: text === 'first' ? 'healthy' : 'leak',
    }));
    t.after(() => verdict.mock.restore());
    const port = await serve(t, dashboard({ authorize: () => true }));
    const { page } = await open(browser, `http://127.0.0.1:${port}/`);
    t.after(() => page.close());
    await page.evaluate(() => {
      const { document, window, MutationObserver } = globalThis as any;
      window.announced = [];
      const live = document.querySelector('[aria-live]');
      const options = { childList: true, characterData: true, subtree: true };
      new MutationObserver(() => window.announced.push(live.textContent)).observe(live, options);
    });
    const uptime = await page.$eval('#process', (element) => element.textContent);
    await page.waitForFunction(
      (was) => (globalThis as any).document.querySelector('#process').textContent !== was,
      {},
      uptime,
    );
    assert.deepEqual(await page.evaluate('window.announced'), []);
    text = 'second';
    await page.waitForFunction('window.announced.length > 0');
    assert.deepEqual(await page.evaluate('window.announced'), ['Leak of JavaScript objects']);
    assert.match(await page.title(), /^Leak/);
  });

  test('a page that may not be seen shows nothing, and one that lost its right says so', async (t) => {
    let allowed = false;
    const port = await serve(t, dashboard({ authorize: () => allowed }));
    const page = await browser.newPage();
    t.after(() => page.close());
    const response = await page.goto(`http://127.0.0.1:${port}/`);
    assert.equal(response?.status(), 403);
    assert.equal(await page.evaluate('document.body.innerText.trim()'), '{"error":"forbidden"}');
    allowed = true;
    const again = await open(browser, `http://127.0.0.1:${port}/`);
    t.after(() => again.page.close());
    await again.page.waitForFunction("document.querySelector('#connection').textContent === 'live'");
    allowed = false;
    await again.page.click('input[value="24h"] + span');
    await again.page.waitForFunction(
      "/could not be read/.test(document.querySelector('#connection').textContent)",
      {
        polling: 'mutation',
      },
    );
  });
});
