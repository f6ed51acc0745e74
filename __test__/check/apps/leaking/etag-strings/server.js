const Fastify = require('fastify');
const { etagOf } = require('./etags');

const app = Fastify();

app.get('/page', async (_request, reply) => {
  /* leak */ const html = `<p>It is ${process.hrtime.bigint()}</p>${'<p>lorem ipsum</p>'.repeat(15)}`;
  reply.header('etag', etagOf(html)).type('text/html');
  return html;
});

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
