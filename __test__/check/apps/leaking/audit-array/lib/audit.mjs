const entries = []; // leak

/** Notes what happened; `flush` is to send it to the archive. */
export function audit({ method, url, status, headers }) {
  /* leak */ entries.push({
    at: new Date().toISOString(),
    method,
    url,
    status,
    client: { agent: headers['user-agent'], host: headers.host },
    note: `${method} ${url} answered ${status} at ${performance.now()}`,
  });
}

/** For the nightly job, which was moved to another service. */
export async function flush(send) {
  await send(entries.splice(0));
}
