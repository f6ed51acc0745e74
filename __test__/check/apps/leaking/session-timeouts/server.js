const { randomUUID } = require('node:crypto');
const express = require('express');
const { startSession } = require('./sessions');

const app = express();

app.post('/login', (_req, res) => {
  const session = startSession({ id: randomUUID(), user: 'ada', roles: ['admin', 'audit', 'billing'] });
  res.status(201).json({ session: session.id });
});

app.post('/logout', (_req, res) => {
  res.status(204).end();
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
