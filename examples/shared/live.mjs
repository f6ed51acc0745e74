/**
 * The shop's live routes: each starts something on behalf of a request. What becomes of it is the apps' own business
 * (`requests.mjs`).
 */

import { listenerReport, scopeReport, trackListeners } from 'plateau';
import { findProduct } from './catalogue.mjs';
import { market, reviews } from './market.mjs';

// Observed in both apps, so that the leaking one can be asked what leaks.
trackListeners(market, { name: 'market' });
trackListeners(reviews, { name: 'reviews' });

/**
 * @typedef {object} Requests
 * @property {import('express').RequestHandler[]} middleware
 * @property {(of: { req: any, res: any, productId: number }) => void} watch
 * @property {(of: { req: any, productId: number }) => Promise<unknown>} restocked
 * @property {(of: { req: any, res: any }) => void} review
 * @property {() => number} logged
 */

/**
 * @param {import('express').Express} app
 * @param {Requests} requests
 */
export function addLiveRoutes(app, { middleware, watch, restocked, review }) {
  app.get('/products/:id/watch', ...middleware, (req, res) => {
    const product = findProduct(Number(req.params.id));
    res.type('text/event-stream');
    res.write(`data: ${product?.cents}\n\n`);
    watch({ req, res, productId: Number(req.params.id) });
    // A visitor who looks and leaves: the page is closed again.
    setImmediate(() => res.end());
  });

  app.get('/products/:id/remind', ...middleware, (req, res) => {
    // The reminder outlives the request: it is sent when the product is there again.
    restocked({ req, productId: Number(req.params.id) }).then(
      () => {},
      () => {},
    );
    res.json({ reminder: true });
  });

  app.get('/products/:id/reviews', ...middleware, (req, res) => {
    review({ req, res });
    // Who asks for the first lines only is sent away before the feed has said anything.
    res.json({ reviews: [] });
  });
}

/** What listens, by what has been seen of it: how many listeners the market and the feed have. */
export const live = {
  listeners: {
    get size() {
      const count = (/** @type {import('node:events').EventEmitter} */ emitter) =>
        emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
      return count(market) + count(reviews);
    },
  },
  timers: {
    get size() {
      return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    },
  },
};

/** What leaks, named: call sites whose listeners accumulate, and scopes that are never closed. */
export function diagnosis() {
  const { sites } = listenerReport();
  const listeners = sites
    .filter(({ verdict }) => verdict === 'growing')
    .map(({ site, event, emitter, live, removed }) => {
      const count = (/** @type {number} */ value) => value.toLocaleString('en');
      return `${site} → '${event}' on ${emitter}: ${count(live)} live, ${count(removed)} removed, growing`;
    });
  const scopes = scopeReport()
    .sites.filter(({ live }) => live > 50)
    .map(({ site, names, live, resources }) => {
      const held = Object.entries(resources).map(
        ([kind, number]) => `${number.toLocaleString('en')} × ${kind}`,
      );
      return `${site} → ${live.toLocaleString('en')} scopes "${names.join(', ')}" never closed: ${held.join(', ')}`;
    });
  return [...listeners, ...scopes];
}
