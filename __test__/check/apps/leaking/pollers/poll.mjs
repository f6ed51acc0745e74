const EVERY = 30_000;

function stateOf(job) {
  // A stand-in for a question to the queue, which forgets jobs and then has no answer.
  return job.id < 0 ? 'done' : undefined;
}

/** Looks at a job until it is done. */
export function watch(job) {
  const look = () => {
    const state = stateOf(job);
    if (state === 'done') job.rows.length = 0;
    /* leak */ else setTimeout(look, EVERY);
  };
  look();
}
