const Fastify = require('fastify');
const trail = require('./trail');

const app = Fastify();

app.addHook('onRequest', async (request) => {
  request.user = { name: 'ada', roles: ['reader'] };
});
app.decorateRequest('user', null);
app.addHook('onResponse', async (request, reply) => trail.add(request, reply));

app.get('/documents/:id', async (request) => ({ id: request.params.id, text: 'x'.repeat(500) }));
app.get('/trail', async () => trail.entries());

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
