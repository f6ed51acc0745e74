const hooks = []; // leak

/** Has something done when the service ends. */
exports.onShutdown = (hook) => {
  hooks.push(hook); // leak
};

process.once('SIGTERM', () => {
  for (const hook of hooks) hook();
  process.exit();
});
