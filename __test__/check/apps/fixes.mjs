/**
 * For each leaking app the smallest change after which it does not leak. It proves that the leak is where the manifest says,
 * and makes the closest look-alike that a leaking app can have.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./manifest.mjs').App} App */

/** By name: what is replaced in the file that leaks, and by what. @type {Record<string, [string, string][]>} */
const FIXES = {
  'query-cache': [['searchCache.set(key, page);', '']],
  'metrics-by-url': [['const begun', 'delete byRoute[route]; const begun']],
  'bus-listener': [["bus.on('rates'", "new EventEmitter().on('rates'"]],
  'abort-signal': [['signal.addEventListener', 'new AbortController().signal.addEventListener']],
  'interval-per-request': [['}, 5_000);', '}, 5_000); clearInterval(ticker);']],
  'request-log': [['seen.push(req);', '']],
  'audit-array': [['entries.push(', '[].push(']],
  'session-timeouts': [['}, DAY)', '}, 1)']],
  'race-shutdown': [['[load(sku), shutdown]', '[load(sku)]']],
  'awaits-event': [['waiting.push({ id, resolve })', 'resolve({ id })']],
  'analytics-ready': [['await ready;', '']],
  'feed-pipe': [['feed.pipe(new PassThrough())', 'new PassThrough()']],
  'unread-sink': [['const lines =', 'process.nextTick(() => exports.output.resume()); const lines =']],
  'download-registry': [['return stream;', 'stream.destroy(); return stream;']],
  'aborted-uploads': [["res.on('finish'", "res.on('close'"]],
  'audit-requests': [['this.byUser.get(name).push', '[].push']],
  'connection-set': [
    ['sockets.add(socket);', "sockets.add(socket); socket.on('close', () => sockets.delete(socket));"],
  ],
  'agent-per-request': [['keepAlive: true', 'keepAlive: false']],
  'ws-upstream': [['return JSON', 'socket.close(); return JSON']],
  'memoize-closure': [['JSON.stringify(args)', "'one'"]],
  'nested-maps': [['ensure(byDocument, document, ', "ensure(byDocument, 'one', "]],
  'weakmap-pinned': [['sessions.set(id, session);', '']],
  'process-listeners': [['return work(changes);', "process.off('SIGHUP', rollBack); return work(changes);"]],
  'worker-messages': [
    ['(answer) => {', 'function heard(answer) {'],
    ['if (answer.id === id)', "if (answer.id === id) worker.off('message', heard); if (answer.id === id)"],
  ],
  'worker-history': [['history.push(', '[].push(']],
  'cluster-jobs': [['done.push(', '[].push(']],
  'error-list': [['pending.push(', '[].push(']],
  'shutdown-hooks': [['hooks.push(', '[].push(']],
  'context-bound': [['idle.add(', 'new Set().add(']],
  'undo-chain': [['const before = undo;', 'const before = null;']],
  thumbnails: [['made.set(name, picture);', '']],
  embeddings: [['this.#vectors.push(vector);', '']],
  'body-parts': [['headers.push(', '[].push(']],
  'sliced-ids': [['ids.push(', '[].push(']],
  'log-line': [['text += ', 'text = ']],
  'etag-strings': [['pages.add(html);', '']],
  'linked-visits': [['this.head)', 'null)']],
  'instance-registry': [['Order.#all.add(this);', '']],
  'typed-sessions': [['this.#sessions.push(session);', '']],
  'session-store': [
    ['saveUninitialized: true', 'saveUninitialized: false'],
    ['req.session.', 'res.locals.'],
  ],
  'prom-labels': [['++orders', '0']],
  pollers: [['setTimeout(look, EVERY);', ';']],
  'deflate-contexts': [['encoders.set(id, encoder);', 'return encoder;']],
  shop: [['stock.once(', 'new EventEmitter().once(']],
};

/**
 * A copy of a leaking app, in the folder for temporary files, that does not leak.
 *
 * @param {App} app
 * @returns {App & { remove(): void }}
 */
export function fixed(app) {
  const top = mkdtempSync(join(tmpdir(), 'plateau-fixed-'));
  const folder = join(top, app.name);
  mkdirSync(folder);
  cpSync(app.folder, folder, { recursive: true });
  symlinkSync(
    fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    join(top, 'node_modules'),
    'junction',
  );

  const path = join(folder, app.file);
  let source = readFileSync(path, 'utf8');
  for (const [from, to] of FIXES[app.name] ?? []) {
    if (!source.includes(from)) throw new Error(`the fix of ${app.name} does not find ${from}`);
    source = source.replaceAll(from, to);
  }
  writeFileSync(path, source);
  return {
    ...app,
    kind: 'healthy',
    folder,
    lines: [],
    places: {},
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}
