const cluster = require('node:cluster');

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  let announced = false;
  cluster.on('listening', (_worker, { port }) => {
    if (!announced) console.log(`listening on http://127.0.0.1:${port}`);
    announced = true;
  });
  process.once('SIGTERM', () => cluster.disconnect(() => process.exit()));
} else {
  require('./worker').start(Number(process.env.PORT));
}
