const http = require('node:http');
const { withRollback } = require('./transaction');

process.setMaxListeners(0);

const server = http.createServer(async (_req, res) => {
  const result = await withRollback(async (changes) => {
    changes.push({ table: 'orders', row: changes.length, before: 'open', after: 'paid' });
    return { paid: true };
  });
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(result));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
