/** A reporter of Node's test runner: the files in which a test failed, one to a line. */

/**
 * @param {AsyncIterable<{ type: string, data: { file?: string, todo?: unknown } }>} events
 * @returns {AsyncGenerator<string>}
 */
export default async function* failures(events) {
  /** @type {Set<string>} */
  const files = new Set();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.todo !== undefined || data.file === undefined) continue;
    if (files.has(data.file)) continue;
    files.add(data.file);
    yield `${data.file}\n`;
  }
}
