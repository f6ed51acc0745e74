const Fastify = require('fastify');

const app = Fastify();

app.get('/report', async () => {
  const rows = Array.from({ length: 3_000 }, (_, id) => ({
    id,
    city: `City ${id}`,
    at: new Date(id * 1e9),
    value: id / 7,
  }));
  return { rows, total: rows.reduce((sum, { value }) => sum + value, 0) };
});

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
