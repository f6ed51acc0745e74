import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { later } from './later.mjs';

const context = new AsyncLocalStorage();
let requests = 0;

function log(message) {
  const { id, lines } = context.getStore();
  lines.push(`${id} ${message}`);
}

const server = createServer((req, res) => {
  /* leak */ const store = { id: ++requests, url: req.url, lines: new Array(50).fill('') };
  context.run(store, () => {
    log('begun');
    /* leak */ later(() => log('checked again'));
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ id: store.id }));
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
