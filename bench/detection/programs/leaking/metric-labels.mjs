/** Counts requests by path, and the path carries the product. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'a histogram per path: a label without bound';
const BUCKETS = [5, 10, 25, 50, 100, 250, 500, 1000];

export function app() {
  const histograms = new Map();
  const observe = (labels, value) => {
    const key = JSON.stringify(labels);
    let histogram = histograms.get(key);
    if (histogram === undefined) {
      histogram = { labels, sum: 0, count: 0, buckets: BUCKETS.map(() => 0) };
      histograms.set(key, histogram);
    }
    histogram.sum += value;
    histogram.count++;
    for (const [i, le] of BUCKETS.entries()) {
      if (value <= le) histogram.buckets[i]++;
    }
  };
  const shop = express();
  shop.use((req, res, next) => {
    const start = performance.now();
    res.on('finish', () => {
      observe({ method: req.method, path: req.path, status: res.statusCode }, performance.now() - start);
    });
    next();
  });
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 300)));
  return shop;
}
