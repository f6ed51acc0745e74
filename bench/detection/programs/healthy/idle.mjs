/** Nobody comes but the health check. */

import express from 'express';

export const why = 'ten requests per second allocate so little that hardly anything is collected';
export const traffic = { rate: 10, connections: 1, path: () => '/health' };

export function app() {
  const shop = express();
  shop.get('/health', (_req, res) => void res.json({ status: 'up', uptime: process.uptime() }));
  return shop;
}
