const http = require('node:http');

const sockets = new Set();

const server = http.createServer((_req, res) => {
  res.setHeader('connection', 'close');
  res.end(JSON.stringify({ open: sockets.size }));
});

server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
});

process.once('SIGTERM', () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  process.exit();
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
