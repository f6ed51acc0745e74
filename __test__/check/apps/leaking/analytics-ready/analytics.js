let connected;
/* leak */ const ready = new Promise((resolve) => {
  connected = resolve;
});

async function send(event) {
  // A stand-in for the request to the provider.
  await null;
  return event.id;
}

/** To be called by whoever has the provider's key. Here nobody has. */
exports.connect = () => connected();

exports.track = async (name, properties) => {
  const event = { id: Math.random(), name, properties, at: Date.now(), context: new Array(60).fill(name) }; // leak
  await ready; // leak
  return send(event);
};
