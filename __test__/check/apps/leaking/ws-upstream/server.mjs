import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { spotPrice } from './spot.mjs';

// Stands for the exchange, which speaks WebSocket only.
const exchange = new WebSocketServer({ port: 0, host: '127.0.0.1' });
exchange.on('connection', (socket) => socket.send(JSON.stringify({ pair: 'XAU/USD', price: 2_400 })));

const server = createServer(async (_req, res) => {
  const quote = await spotPrice(`ws://127.0.0.1:${exchange.address().port}`);
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(quote));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
