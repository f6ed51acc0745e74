/** The page in a real browser, with names, routes and texts that want to be more than text. */

// biome-ignore-all lint/suspicious/noExplicitAny: in the functions that run in the page, whose types the tests do not have

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, mock, suite, test } from 'node:test';
import express from 'express';
import { BoundedCache, createScope, MemorySampler, startMemorySampler, trackListeners } from 'plateau';
import { dashboard } from 'plateau/express';
import type { Browser } from 'puppeteer-core';
import { serve } from '../log/fixtures/server';
import { launch, open, read, skip } from './fixtures/browser';
import { leak } from './fixtures/leak';

const HOSTILE = `</script></style></title>"><img src=x onerror="alert('1')"><script>alert(2)</script>&amp;'\u2028`;

suite('in Chromium', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  const sampler = startMemorySampler();
  after(() => sampler.stop());

  test('hostile names, routes and texts are shown as they are, and nothing of them runs', async (t) => {
    const verdict = mock.method(MemorySampler.prototype, 'verdict', () => leak(HOSTILE));
    t.after(() => verdict.mock.restore());
    const cache = new BoundedCache({ name: HOSTILE, maxEntries: 100 });
    const bus = new EventEmitter();
    class Bus extends EventEmitter {}
    Object.defineProperty(Bus, 'name', { value: HOSTILE });
    const odd = new Bus();
    const controller = new AbortController();
    t.after(() => controller.abort());
    trackListeners(bus, { until: controller.signal, name: HOSTILE }).on(HOSTILE, () => {});
    trackListeners(odd, { until: controller.signal }).on('event', () => {});
    const scope = createScope({ until: controller.signal, name: HOSTILE });
    scope.on(bus, 'x', () => {});
    const app = express();
    app.use('/debug', dashboard({ authorize: () => true, title: HOSTILE.slice(0, 200) }));
    // A listener that lives as long as its request, which is named by its route.
    const routed = new Promise<void>((resolve) => {
      app.get(/^\/odd|<img src=x onerror="alert\(3\)">/, (_req, res) => {
        trackListeners(bus, { until: res }).on('of a request', () => {});
        resolve();
      });
    });
    const port = await serve(t, app);
    fetch(`http://127.0.0.1:${port}/odd`, { signal: controller.signal }).catch(() => {});
    await routed;

    const { page, said } = await open(browser, `http://127.0.0.1:${port}/debug`);
    t.after(() => page.close());
    await page.waitForFunction("document.querySelector('#connection').textContent === 'live'");
    const shown = await page.evaluate(() => {
      const { document } = globalThis as any;
      const text = (selector: string): string => document.querySelector(selector).textContent;
      const sections = ['h1', '#evidence', '#next', '#caches', '#listeners', '#scopes'].map(text);
      const elements = ['script', 'style', 'img', 'iframe', 'link', 'title'].map(
        (name) => document.querySelectorAll(name).length,
      );
      return {
        sections,
        elements,
        attributes: document.querySelectorAll('[onerror],[src]').length,
      };
    });
    for (const text of shown.sections) assert.ok(text.includes('<img src=x onerror='), text);
    assert.match(await read(page, '#listeners'), /GET .*<img src=x onerror="alert\\\(3\\\)">/);
    assert.deepEqual(shown.elements, [1, 1, 0, 0, 1, 1]);
    assert.equal(shown.attributes, 0);
    assert.deepEqual(said, []);
    assert.ok(cache && scope);
  });

  test('its policy would stop a script and markup even if one got in', async (t) => {
    let asked = 0;
    const other = await serve(t, (_req, res) => {
      asked++;
      res.setHeader('access-control-allow-origin', '*').end('{}');
    });
    const port = await serve(t, dashboard({ authorize: () => true }));
    const { page } = await open(browser, `http://127.0.0.1:${port}/`);
    t.after(() => page.close());
    await page.evaluate((elsewhere) => {
      const { document, window } = globalThis as any;
      window.stopped = [];
      const attempts: Record<string, () => unknown> = {
        eval: () => window.eval('window.ran = 1'),
        markup: () => {
          document.body.innerHTML = '<img src=x onerror="window.ran = 1">';
        },
        script() {
          const script = document.createElement('script');
          script.append('window.ran = 1');
          document.body.append(script);
          throw new Error(window.ran === 1 ? 'it ran' : 'it did not run');
        },
        request: () => fetch(elsewhere),
        image: () =>
          new Promise((_resolve, reject) => {
            const image = new window.Image();
            image.onerror = reject;
            image.src = elsewhere;
          }),
      };
      // Later: what the debugger calls directly is exempt from the policy.
      setTimeout(async () => {
        for (const [name, attempt] of Object.entries(attempts)) {
          try {
            await attempt();
          } catch {
            window.stopped.push(name);
          }
        }
        window.done = true;
      });
    }, `http://127.0.0.1:${other}/`);
    await page.waitForFunction('window.done');
    assert.deepEqual(await page.evaluate('window.stopped'), ['eval', 'markup', 'script', 'request', 'image']);
    assert.equal(await page.evaluate('window.ran'), undefined);
    assert.equal(asked, 0);
  });
});
