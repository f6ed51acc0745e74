import { Agent, createServer, get } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

const upstream = createServer((_req, res) => res.end(JSON.stringify({ USD: 1.08, GBP: 0.86 })));
upstream.keepAliveTimeout = 60_000;
await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));

function rates() {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: upstream.address().port, agent }, async (answer) => {
      const parts = await answer.toArray();
      resolve(JSON.parse(Buffer.concat(parts).toString()));
    });
    request.on('error', reject);
  });
}

const server = createServer(async (_req, res) => {
  const { USD } = await rates();
  res.end(JSON.stringify({ usd: 100 * USD }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
