const { EventEmitter } = require('node:events');

const stock = new EventEmitter().setMaxListeners(0); // leak

/** Tells those who look at a product when there are pieces again. Which happens twice a year. */
exports.watchStock = (product) => {
  const notice = { sku: product.sku, at: new Date(), sent: false, words: new Array(20).fill(product.sku) };
  /* leak */ stock.once('restocked', () => {
    notice.sent = true;
  });
  return stock.listenerCount('restocked') > 0;
};

setInterval(() => stock.emit('counted', Date.now()), 1_000);
