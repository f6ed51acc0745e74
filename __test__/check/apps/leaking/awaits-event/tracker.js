/** Who waits for which order. The carrier's webhook is to call `delivered`, and was never set up. */
const waiting = []; // leak

exports.delivery = (id) => new Promise((resolve) => waiting.push({ id, resolve })); // leak

exports.delivered = (id, state) => {
  const index = waiting.findIndex((entry) => entry.id === id);
  if (index >= 0) waiting.splice(index, 1)[0].resolve({ id, state });
};
