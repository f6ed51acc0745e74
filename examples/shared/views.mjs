/** The shop's pages as HTML: the work that is worth caching. */

import { similarTo } from './catalogue.mjs';

/** @typedef {import('./catalogue.mjs').Product} Product */
/** @typedef {import('./catalogue.mjs').Segment} Segment */

const RELATED = 18;
const MEMBERS_PAY = 0.9;

/**
 * @param {Product} product
 * @param {Segment} segment
 * @param {string} url what was asked for: the page links back to itself, campaign parameters and all
 */
export function productPage(product, segment, url) {
  const related = similarTo(product, RELATED).map((other) => card(other, segment));
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escapeHtml(product.name)}</title><link rel="canonical" href="/products/${product.id}"></head>`,
    `<body><main><h1>${escapeHtml(product.name)}</h1><p class="price">${price(product, segment)}</p>`,
    `<p>${escapeHtml(product.description)}</p>`,
    `<form method="post" action="/cart"><input type="hidden" name="from" value="${escapeHtml(url)}">`,
    `<button name="product" value="${product.id}">Add to cart</button></form></main>`,
    `<aside><h2>You may also like</h2><ul>${related.join('')}</ul></aside></body></html>`,
  ].join('\n');
}

/**
 * @param {Product} product
 * @param {Segment} segment
 */
export function price(product, segment) {
  const cents = segment === 'member' ? Math.round(product.cents * MEMBERS_PAY) : product.cents;
  return `EUR ${(cents / 100).toFixed(2)}`;
}

/**
 * @param {Product} product
 * @param {Segment} segment
 */
function card(product, segment) {
  const tags = product.tags.map((tag) => `<li>${escapeHtml(tag)}</li>`).join('');
  return (
    `<li><a href="/products/${product.id}">${escapeHtml(product.name)}</a>` +
    `<p>${escapeHtml(product.description)}</p><ul>${tags}</ul><p>${price(product, segment)}</p></li>`
  );
}

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
