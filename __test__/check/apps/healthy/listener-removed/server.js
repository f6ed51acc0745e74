const { EventEmitter } = require('node:events');
const express = require('express');

const bus = new EventEmitter();
bus.setMaxListeners(0);
setInterval(() => bus.emit('rates', { EUR: 1, USD: 1 + Math.random() / 10 }), 1_000);

const app = express();

app.get('/quote', (req, res) => {
  const quote = {
    currency: 'USD',
    lines: Array.from({ length: 12 }, (_, i) => ({ sku: `A-${i}`, cents: i * 100 })),
  };
  const update = (rates) => {
    quote.rate = rates[quote.currency];
    quote.client = req.ip;
  };
  bus.on('rates', update);
  res.on('close', () => bus.off('rates', update));
  setTimeout(() => res.json(quote), 5);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
