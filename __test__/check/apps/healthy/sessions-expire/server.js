const { randomUUID } = require('node:crypto');
const express = require('express');

const MAX_AGE = 500;
const sessions = new Map();

function open(user) {
  const id = randomUUID();
  const session = { id, user, cart: Array.from({ length: 10 }, (_, i) => ({ sku: `S-${i}`, pieces: 1 })) };
  sessions.set(id, session);
  setTimeout(() => sessions.delete(id), MAX_AGE);
  return session;
}

const app = express();

app.post('/login', (_req, res) => {
  res.status(201).json(open('ada'));
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
