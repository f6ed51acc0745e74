const made = new Map(); // leak

/** A picture in small, made once. */
exports.thumbnail = (name) => {
  let picture = made.get(name);
  if (!picture) {
    picture = Buffer.alloc(16 * 1024, name); // leak
    made.set(name, picture); // leak
  }
  return picture;
};
