import express from 'express';
import { render } from './templates.mjs';

const PAGES = ['home', 'search', 'product', 'cart', 'checkout', 'account', 'help', 'about'];
let requests = 0;

const app = express();

app.get('/', (_req, res) => {
  const page = PAGES[++requests % PAGES.length];
  res.type('html').send(render(page, { title: page, n: requests, items: ['lamp', 'table', 'chair'] }));
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
