const ids = []; // leak

/** The id of an event, which comes first in its text. A slice, so the engine keeps the whole text for it. */
exports.correlate = (text) => {
  const end = text.indexOf('\n');
  const id = text.slice(0, end > 0 ? end : 36); // leak
  ids.push(id); // leak
  return ids.length;
};
