const Fastify = require('fastify');

const inFlight = new Map();
const app = Fastify();
let requests = 0;

async function load(id) {
  await new Promise((resolve) => setTimeout(resolve, 3));
  return { id, rows: Array.from({ length: 50 }, (_, i) => i) };
}

/** Who asks for the same while it is loading gets the same promise. */
function once(id) {
  let promise = inFlight.get(id);
  if (!promise) {
    promise = load(id).finally(() => inFlight.delete(id));
    inFlight.set(id, promise);
  }
  return promise;
}

app.get('/', () => once(Math.floor(++requests / 3)));

app
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .then((origin) => console.log(`listening on ${origin}`));
