const MAX = 300;
const recent = new Map();

/** A hand-made bounded cache: a Map knows its oldest key. */
export function remember(key, make) {
  let value = recent.get(key);
  if (value === undefined) {
    value = make(key);
    if (recent.size >= MAX) recent.delete(recent.keys().next().value);
    recent.set(key, value);
  }
  return value;
}
