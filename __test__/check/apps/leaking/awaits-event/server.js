const http = require('node:http');
const tracker = require('./tracker');

async function confirm(order) {
  /* leak */ const shipped = await tracker.delivery(order.id);
  order.state = shipped.state;
  order.lines.length = 0;
}

let orders = 0;

const server = http.createServer((_req, res) => {
  /* leak */ const order = {
    id: ++orders,
    state: 'new',
    lines: Array.from({ length: 10 }, (_, i) => ({ sku: `S-${i}`, pieces: i })),
  };
  confirm(order).catch(console.error);
  res.writeHead(202, { 'content-type': 'application/json' });
  res.end(JSON.stringify(order));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
