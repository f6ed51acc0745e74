const sessions = new Map(); // leak

/** The same object for the same id, so that it can be the key of a WeakMap. */
export function sessionFor(id) {
  let session = sessions.get(id);
  if (!session) {
    session = { id, begun: new Date() }; // leak
    sessions.set(id, session); // leak
  }
  return session;
}
