/** Serves invoices from files, and forgets to close the file when it refuses the visitor. */

import { close, open, read } from 'node:fs';
import { sendJson } from '../data.mjs';

export const place = 'descriptors';
export const why = 'one request in fifty is refused after its file was opened, and returns before close';
export const perRequest = 1 / 50;
const FILE = new URL(import.meta.url);
export const traffic = { path: (n) => `/invoices/${n}?page=${n % 50 === 0 ? 'x' : 1}` };

export function app() {
  return (req, res) => {
    open(FILE, 'r', (error, file) => {
      if (error) return sendJson(res, { error: error.message }, 500);
      const page = Number(new URL(req.url, 'http://localhost').searchParams.get('page'));
      if (Number.isNaN(page)) return sendJson(res, { error: 'page must be a number' });
      read(file, Buffer.alloc(512), 0, 512, 0, (_, length, bytes) => {
        close(file, () => sendJson(res, { page, length, head: bytes.toString('latin1', 0, 40) }));
      });
    });
  };
}
