import express from 'express';
import { Order } from './order.mjs';

const app = express();
app.use(express.json());

app.post('/orders', (req, res) => {
  /* leak */ const order = new Order(req.body.customer);
  for (let i = 0; i < 6; i++) order.add(`SKU-${i}`, i + 1);
  res.status(201).json({ id: order.id, total: order.total });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
