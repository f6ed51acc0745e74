/** Runs `work`, and takes back what it changed if the process is told to reload meanwhile. */
exports.withRollback = async (work) => {
  /* leak */ const changes = Array.from({ length: 20 }, (_, row) => ({
    table: 'locks',
    row,
    before: 0,
    after: 1,
  }));
  /* leak */ const rollBack = () => {
    for (const change of changes.reverse()) change.after = change.before;
  };
  process.on('SIGHUP', rollBack); // leak
  return work(changes);
};
