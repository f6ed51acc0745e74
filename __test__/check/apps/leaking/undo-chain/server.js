const Fastify = require('fastify');
const cart = require('./cart');

const app = Fastify();

app.post('/cart/items', async () => {
  const count = cart.add({ sku: 'LAMP', pieces: 1, options: { colour: 'brass', bulb: 'E27', gift: false } });
  return { count };
});

app.delete('/cart/items', async () => ({ undone: cart.undo() }));

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
