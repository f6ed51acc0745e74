/** What lives as long as the shop: its market, which tells of prices, and the feed of reviews. */

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { products } from './catalogue.mjs';

/** Milliseconds between two prices. */
const PACE = 2_000;

/** Emits `price` (product, cents), `sale` and, some day, `restocked`. */
class Market extends EventEmitter {}

export const market = new Market();
/** As many visitors as there are. */
market.setMaxListeners(0);

/** Lines of text without end. */
export const reviews = new PassThrough();
reviews.setMaxListeners(0);
// Read also while nobody listens.
reviews.resume();

let tick = 0;
setInterval(() => {
  const product = products[tick++ % products.length];
  market.emit('price', product.id, product.cents + (tick % 7));
  reviews.write(`"${product.name}" ages well.\n`);
}, PACE).unref();
