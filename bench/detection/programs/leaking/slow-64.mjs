/** Keeps 64 bytes of each request: the slowest leak a verdict is promised for. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'response times are collected in an array that nobody reads: 64 bytes per request';
// An object of two fields, its number, and its place in the array.
export const perRequest = 64;
export const seconds = 600;

export function app() {
  const times = [];
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const start = performance.now();
    res.json(product(Number(req.params.id), 200));
    times.push({ route: '/products/:id', took: performance.now() - start });
  });
  return shop;
}
