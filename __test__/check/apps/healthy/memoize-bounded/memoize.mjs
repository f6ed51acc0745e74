export function memoize(compute) {
  const results = new Map();
  return (...args) => {
    const key = JSON.stringify(args);
    if (!results.has(key)) results.set(key, compute(...args));
    return results.get(key);
  };
}
