const { createReadStream } = require('node:fs');

/** The downloads that are under way, for the status page. */
const active = new Map(); // leak
let next = 0;

exports.open = (path) => {
  const id = ++next;
  const stream = createReadStream(path); // leak
  active.set(id, { path, stream, since: Date.now() }); // leak
  stream.on('close', () => active.delete(id));
  return stream;
};

exports.count = () => active.size;
