/** Parses the signing key of a tenant anew for each session, and keeps it with the session. */

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { idOf, sendJson } from '../data.mjs';

export const place = 'native';
export const alsoRight = ['heap'];
export const why = 'RSA keys of OpenSSL, some kilobytes each outside the heap, stay in a Map';
export const traffic = { rate: 200, path: (n) => `/sessions/${n}` };

export function app() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const sessions = new Map();
  return (req, res) => {
    const key = createPrivateKey(pem);
    sessions.set(idOf(req), key);
    sendJson(res, { session: req.url, key: key.asymmetricKeyType, issued: new Date() });
  };
}
