/** A rule engine: five hundred functions, which become hot one after the other. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'V8 compiles and optimises more functions for as long as the program is young';
export const traffic = { path: (n) => `/products/${n}?rule=${Math.floor(n / 60) % 500}` };

export function app() {
  const rules = Array.from({ length: 500 }, (_, rule) => {
    const lines = Array.from(
      { length: 20 },
      (_, i) =>
        `if (order.price > ${i * 40 + rule}) { total += order.price * ${(i + 1) / 100}; names.push(order.name + ${rule}); }`,
    );
    return new Function(
      'order',
      `let total = 0; const names = []; ${lines.join('\n')} return { total, names };`,
    );
  });
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = product(Number(req.params.id), 100);
    const rule = rules[Number(req.query.rule) % rules.length];
    for (let i = 0; i < 100; i++) rule?.(found);
    res.json({ ...found, ...rule?.(found) });
  });
  return shop;
}
