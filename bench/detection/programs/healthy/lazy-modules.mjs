/** Loads what a route needs when the route is first asked for. */

import { createRequire } from 'node:module';
import express from 'express';

export const why = 'modules are loaded one after the other during the first minute';
const MODULES = [
  'fastify',
  'undici',
  'socket.io',
  'socket.io-client',
  'ws',
  'fast-check',
  'autocannon',
  'mnemonist',
  'rollup',
  'lru-cache',
  'node-cache',
  'cli-progress',
  'asciichart',
  'tiny-lru',
  '@isaacs/ttlcache',
  'esbuild',
  '@typescript/typescript6',
  'postcss',
  'magic-string',
  'publint',
];
const EACH = 1500;
export const traffic = {
  path: (n) => `/reports/${MODULES[Math.min(MODULES.length - 1, Math.floor(n / EACH))]?.replace('/', '~')}`,
};

export function app() {
  const load = createRequire(import.meta.url);
  const shop = express();
  shop.get('/reports/:module', (req, res) => {
    let names = [];
    try {
      names = Object.keys(load(req.params.module.replace('~', '/')));
    } catch {
      // Not installed, or not to be required: a route without its module.
    }
    res.json({ module: req.params.module, names: names.slice(0, 20) });
  });
  return shop;
}
