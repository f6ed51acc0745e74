const { LRUCache } = require('lru-cache');

const pages = new LRUCache({ max: 500, ttl: 10_000 });
let versions = 0;

exports.pageOf = (id) => {
  const key = `${id}?v=${++versions % 800}`;
  let page = pages.get(key);
  if (!page) {
    page = { id, sku: `LAMP-${versions}`, text: `A lamp, version ${versions}. `.repeat(8) };
    pages.set(key, page);
  }
  return page;
};
