let text = ''; // leak

/** The log since the start. */
export function log(message) {
  const details = `pid=${process.pid} uptime=${process.uptime()} memory=${process.memoryUsage.rss()}`.padEnd(
    200,
    '.',
  );
  text += `${new Date().toISOString()} ${message} ${details}\n`; // leak
}

export const size = () => text.length;
