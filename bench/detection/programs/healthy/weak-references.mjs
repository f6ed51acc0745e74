/** A cache of weak references: what nobody uses goes with the next collection. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'the Map of references grows between major collections and shrinks after them';

export function app() {
  const references = new Map();
  const gone = new FinalizationRegistry((id) => {
    if (references.get(id)?.deref() === undefined) references.delete(id);
  });
  const visits = new WeakMap();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    let found = references.get(id)?.deref();
    if (found === undefined) {
      found = product(id, 600);
      references.set(id, new WeakRef(found));
      gone.register(found, id);
    }
    visits.set(found, (visits.get(found) ?? 0) + 1);
    res.json({ ...found, visits: visits.get(found) });
  });
  return shop;
}
