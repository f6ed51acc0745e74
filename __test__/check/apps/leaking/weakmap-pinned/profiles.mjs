// Weak, so it cannot leak. Only that the sessions are kept for ever elsewhere.
const profiles = new WeakMap();

export function profileOf(session) {
  let profile = profiles.get(session);
  if (!profile) {
    /* leak */ profile = {
      name: `Visitor ${session.id.slice(0, 4)}`,
      seen: Array.from({ length: 40 }, (_, i) => i * 2),
    };
    profiles.set(session, profile);
  }
  return profile;
}
