import Fastify from 'fastify';
import { Permissions } from './permissions.mjs';

const permissions = new Permissions();
const app = Fastify();
let documents = 0;

app.get('/tenants/:tenant/documents', async (request) => {
  const document = `document-${++documents}`;
  return { document, rights: permissions.of(request.params.tenant, 'ada', document) };
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
