const express = require('express');
const session = require('express-session');

const app = express();

// Without a store, express-session keeps all sessions in memory and never drops those that are too old.
/* leak */ app.use(
  session({ secret: 'not one', resave: false, saveUninitialized: true, cookie: { maxAge: 60_000 } }),
);

app.get('/shop', (req, res) => {
  req.session.visited = [...(req.session.visited ?? []), req.originalUrl];
  /* leak */ req.session.cart = Array.from({ length: 8 }, (_, i) => ({ sku: `LAMP-${i}`, pieces: 1 }));
  res.json({ visited: req.session.visited.length });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
