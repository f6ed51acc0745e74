const sockets = new Set(); // leak

/** Lets the service end at once when it is told to, though clients hold connections. */
export function drainable(server) {
  server.on('connection', (socket) => {
    sockets.add(socket); // leak
  });
  process.once('SIGTERM', () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    process.exit();
  });
}
