import express from 'express';
import { track } from './tracking.mjs';

const app = express();

app.get('/article', (req, res) => {
  track({ event: 'read', url: req.originalUrl, agent: req.get('user-agent'), at: Date.now() });
  res.json({ title: 'On lamps' });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
