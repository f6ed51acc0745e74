import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const exchange = new WebSocketServer({ port: 0, host: '127.0.0.1' });
exchange.on('connection', (socket) => socket.send(JSON.stringify({ pair: 'XAU/USD', price: 2_400 })));

async function spotPrice() {
  const socket = new WebSocket(`ws://127.0.0.1:${exchange.address().port}`, { perMessageDeflate: false });
  const [message] = await once(socket, 'message');
  socket.close();
  return JSON.parse(message.toString());
}

const server = createServer(async (_req, res) => {
  const quote = await spotPrice();
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(quote));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
