const { AsyncLocalStorage } = require('node:async_hooks');
const { randomUUID } = require('node:crypto');
const express = require('express');

const context = new AsyncLocalStorage();
const app = express();

app.use((_req, _res, next) => context.run({ id: randomUUID(), notes: new Array(100).fill('') }, next));

async function load(table) {
  await new Promise((resolve) => setTimeout(resolve, 2));
  const { id, notes } = context.getStore();
  notes.push(`${id} loads ${table}`);
  return notes.length;
}

app.get('/', async (_req, res) => {
  const [users, orders] = await Promise.all([load('users'), load('orders')]);
  res.json({ id: context.getStore().id, users, orders });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
