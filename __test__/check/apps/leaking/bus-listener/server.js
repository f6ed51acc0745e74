const { EventEmitter } = require('node:events');
const express = require('express');

/* leak */ const bus = new EventEmitter();
bus.setMaxListeners(0);
setInterval(() => bus.emit('rates', { EUR: 1, USD: 1 + Math.random() / 10 }), 1_000);

const app = express();
app.use(express.json());

app.get('/quote', (req, res) => {
  const quote = {
    currency: 'USD',
    lines: Array.from({ length: 12 }, (_, i) => ({ sku: `A-${i}`, cents: i * 100 })),
  };
  // So that a quote that is still open shows the newest rate.
  /* leak */ bus.on('rates', (rates) => {
    quote.rate = rates[quote.currency];
    quote.client = req.ip;
  });
  res.json(quote);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
