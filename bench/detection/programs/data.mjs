/** What the programs serve and receive: made-up records of a given size, as strings and objects of their own. */

import { randomSource } from '../../harness/random.mjs';

const LETTERS = Buffer.from(
  'Oak table with four chairs, oiled, made to order; delivery in six weeks. '.repeat(1000),
);

/** A flat string of its own, so that each copy takes its length in bytes on the heap. */
export function text(bytes) {
  return LETTERS.toString('latin1', 0, bytes);
}

/** A record as a database driver would return it: parsed, so that it shares nothing with the one before. */
export function product(id, bytes = 500) {
  return JSON.parse(
    JSON.stringify({
      id,
      name: `Table ${id}`,
      price: 100 + (id % 900) + 0.5,
      tags: ['oak', 'table', `series ${id % 50}`],
      stock: { berlin: id % 7, wien: id % 11 },
      description: text(bytes),
    }),
  );
}

/** A function that draws ids below `range` by a Zipf-like law: few are asked for often, most hardly ever. */
export function popularIds(range, seed = 1) {
  const random = randomSource(seed);
  return () => Math.floor(range ** random()) - 1;
}

/** @param {import('node:http').IncomingMessage} req */
export async function readBody(req) {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {import('node:http').ServerResponse} res */
export function sendJson(res, body, status = 200) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

/** The number at the end of a path such as `/products/17?from=mail`. */
export function idOf(req) {
  return Number(/(\d+)(\?.*)?$/.exec(req.url ?? '')?.[1] ?? 0);
}
