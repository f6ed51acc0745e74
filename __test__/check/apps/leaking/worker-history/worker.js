const { parentPort } = require('node:worker_threads');

const history = []; // leak

parentPort.on('message', ({ id, numbers }) => {
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  // For a page that compares today with yesterday, which was never written.
  history.push({ id, numbers, mean, at: new Date() }); // leak
  parentPort.postMessage({ id, answer: { mean, asked: history.length } });
});
