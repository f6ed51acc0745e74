/** Makes a TLS context per tenant name, and the names come from the visitor. */

import { createSecureContext } from 'node:tls';
import { sendJson } from '../data.mjs';

export const place = 'native';
export const why = 'TLS contexts of OpenSSL are kept in a Map, one for each request in ten';
export const traffic = { path: (n) => `/tenants/${Math.floor(n / 10)}` };

export function app() {
  const contexts = new Map();
  return (req, res) => {
    if (!contexts.has(req.url))
      contexts.set(req.url, createSecureContext({ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }));
    sendJson(res, { tenant: req.url, since: Date.now(), plan: { name: 'basic', seats: 5 } });
  };
}
