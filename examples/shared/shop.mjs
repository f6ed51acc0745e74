/**
 * The shop: an Express app like many. It is given its caches, and what it does on behalf of requests, and does not know
 * which kind they are.
 *
 * The number of different keys has no limit, which is what turns a cache without one into a leak: a page is
 * cached by its whole URL (every newsletter link carries its own `campaign`), a search by what was typed,
 * and a visitor by a cookie that every new browser gets.
 */

import express from 'express';
import { findProduct, loadVisitor, searchProducts } from './catalogue.mjs';
import { addLiveRoutes } from './live.mjs';
import { remember } from './remember.mjs';
import { price, productPage } from './views.mjs';

/** @typedef {import('./remember.mjs').Cache} Cache */

/**
 * @param {{ pages: Cache, searches: Cache, visitors: Cache }} caches
 * @param {import('./live.mjs').Requests} requests
 */
export function createShop({ pages, searches, visitors }, requests) {
  const app = express();
  app.disable('x-powered-by');
  addLiveRoutes(app, requests);

  app.get('/products/:id', (req, res) => {
    const product = findProduct(Number(req.params.id));
    if (product === undefined) {
      res.status(404).json({ error: 'no such product' });
      return;
    }
    const { segment } = visitorOf(req);
    const url = req.originalUrl;
    res.type('html').send(remember(pages, `${segment} ${url}`, () => productPage(product, segment, url)));
  });

  app.get('/search', (req, res) => {
    const words = typeof req.query.q === 'string' ? req.query.q : '';
    const { segment } = visitorOf(req);
    res.json(
      remember(searches, `${segment} ${words}`, () =>
        searchProducts(words).map((product) => ({
          id: product.id,
          name: product.name,
          price: price(product, segment),
          summary: product.description,
        })),
      ),
    );
  });

  app.get('/account', (req, res) => {
    res.json(visitorOf(req));
  });

  /** @param {express.Request} req */
  function visitorOf(req) {
    const id = /(?:^|;\s*)visitor=([\w-]{1,40})/.exec(req.headers.cookie ?? '')?.[1] ?? 'anonymous';
    return remember(visitors, id, () => loadVisitor(id));
  }

  return app;
}
