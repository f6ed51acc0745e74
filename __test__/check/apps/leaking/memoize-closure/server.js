const http = require('node:http');
const { memoize } = require('./lib/memoize');

const shipping = memoize((order) => {
  const parcels = order.lines.map((line) => ({ sku: line.sku, grams: 120 + line.pieces * 75 }));
  /* leak */ return { parcels, cents: parcels.reduce((sum, { grams }) => sum + grams, 0) };
});

let orders = 0;

const server = http.createServer((_req, res) => {
  const order = {
    id: ++orders,
    lines: [
      { sku: 'A-1', pieces: 2 },
      { sku: 'B-7', pieces: orders % 9 },
    ],
  };
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ order: order.id, shipping: shipping(order) }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
