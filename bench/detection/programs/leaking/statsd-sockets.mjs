/** Opens a UDP socket per metric instead of one for all. */

import { createSocket } from 'node:dgram';
import express from 'express';
import { product } from '../data.mjs';

export const place = 'descriptors';
export const alsoRight = ['handles'];
export const why = 'slow requests, one in a hundred, are reported over a new socket that stays open';
export const perRequest = 1 / 100;

export function app() {
  const report = (name) => {
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    socket.send(`${name}:1|c`, 9, '127.0.0.1');
  };
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    if (id % 100 === 0) report('slow');
    res.json(product(id, 300));
  });
  return shop;
}
