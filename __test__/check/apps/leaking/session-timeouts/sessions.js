const DAY = 24 * 60 * 60 * 1000;

exports.startSession = ({ id, user, roles }) => {
  /* leak */ const session = {
    id,
    user,
    rights: new Set(roles.flatMap((role) => [`${role}:read`, `${role}:write`])),
    open: true,
  };
  // Nothing ends it at logout.
  /* leak */ setTimeout(() => {
    session.open = false;
    session.rights.clear();
  }, DAY);
  return session;
};
