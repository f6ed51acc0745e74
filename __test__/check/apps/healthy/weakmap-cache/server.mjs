import express from 'express';

const parsed = new WeakMap();
const privates = new WeakMap();

function cookies(req) {
  if (!parsed.has(req)) {
    const text =
      req.get('cookie') ?? Array.from({ length: 30 }, (_, i) => `c${i}=${Math.random()}`).join(';');
    parsed.set(req, new Map(text.split(';').map((pair) => pair.split('='))));
  }
  return parsed.get(req);
}

class Cart {
  constructor(req) {
    privates.set(this, { req, lines: new Array(50).fill(1) });
  }

  get total() {
    return privates.get(this).lines.length;
  }
}

const app = express();

app.get('/cart', (req, res) => {
  const cart = new Cart(req);
  res.json({ cookies: cookies(req).size, total: cart.total });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
