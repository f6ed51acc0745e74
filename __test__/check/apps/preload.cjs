/**
 * Runs inside an app under verification, in each of its processes and threads: connects to the verifier, and on its word
 * collects garbage, says how much memory is left, and writes a heap snapshot.
 */

const { connect } = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { writeHeapSnapshot } = require('node:v8');
const { isMainThread, threadId } = require('node:worker_threads');

const port = Number(process.env.VERIFIER_PORT);
if (port > 0) {
  const socket = connect(port, '127.0.0.1');
  // The app's life is its own: neither this connection nor its loss may change when it ends.
  socket.unref();
  socket.on('error', () => {});
  socket.write(`${JSON.stringify({ pid: process.pid, thread: isMainThread ? 0 : threadId })}\n`);
  socket.setEncoding('utf8');
  let rest = '';
  socket.on('data', async (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) socket.write(`${JSON.stringify(await obey(JSON.parse(line)))}\n`);
  });
}

async function obey({ snapshot }) {
  if (snapshot) return { snapshot: writeHeapSnapshot(snapshot) };
  let bytes = Infinity;
  // What a weak reference or a finalizer held goes in a later turn than the collection that found it dead. And the least
  // of several counts: a page of the heap that is not swept yet counts as if it were full.
  for (let pass = 0; pass < 5; pass++) {
    globalThis.gc();
    await sleep(10);
    const { heapUsed, external } = process.memoryUsage();
    // `external` has array buffers in it.
    bytes = Math.min(bytes, heapUsed + external);
  }
  return { bytes };
}
