/** Watches the price list for each dashboard that is opened, and goes on after it was closed. */

import { watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'handles';
export const why = 'one request in two hundred opens a file watcher that stays';
export const perRequest = 1 / 200;

export function app() {
  const directory = tmpdir();
  return (req, res) => {
    const id = idOf(req);
    if (id % 200 === 0) watch(directory, { persistent: true }, () => {}).on('error', () => {});
    sendJson(res, product(id, 300));
  };
}
