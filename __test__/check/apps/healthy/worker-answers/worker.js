const { parentPort } = require('node:worker_threads');

parentPort.on('message', ({ id, numbers }) => {
  parentPort.postMessage({ id, mean: numbers.reduce((sum, number) => sum + number, 0) / numbers.length });
});
