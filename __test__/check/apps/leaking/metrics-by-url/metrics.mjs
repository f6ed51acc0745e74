const byRoute = {}; // leak

/** Counts a request and how long it took. Call what it returns when the answer is sent. */
export function measured(method, path) {
  const route = `${method} ${path}`;
  byRoute[route] ??= { count: 0, statuses: {}, buckets: new Array(20).fill(0) }; // leak
  const metric = byRoute[route];
  const begun = performance.now();
  return (status) => {
    metric.count++;
    metric.statuses[status] = (metric.statuses[status] ?? 0) + 1;
    metric.buckets[Math.min(19, Math.floor(performance.now() - begun))]++;
  };
}

export function report() {
  return Object.entries(byRoute).map(([route, { count }]) => ({ route, count }));
}
