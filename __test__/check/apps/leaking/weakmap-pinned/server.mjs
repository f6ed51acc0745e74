import express from 'express';
import { profileOf } from './profiles.mjs';
import { sessionFor } from './sessions.mjs';

const app = express();

app.get('/me', (_req, res) => {
  const session = sessionFor(crypto.randomUUID());
  res.json({ session: session.id, profile: profileOf(session) });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
