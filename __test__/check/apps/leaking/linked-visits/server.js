const Fastify = require('fastify');
const { VisitLog } = require('./visit-log');

const visits = new VisitLog();
const app = Fastify();

app.get('/', async (request) => {
  visits.add(request.headers['user-agent'] ?? 'unknown', request.url);
  return { visits: visits.length };
});

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
