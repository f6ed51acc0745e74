/**
 * The apps by which `plateau check` is judged: those that leak, with what it has to say about each, and those that
 * look as if they did and do not, of which it has to say nothing.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {typeof PATTERNS[number]} Pattern */

/**
 * @typedef {object} Entry What is written down of an app below.
 * @property {string} name
 * @property {string} [entry] relative to the app's folder; `server.js` for CommonJS, else `server.mjs`
 * @property {string[]} [args] of Node, before the entry
 * @property {'express' | 'fastify' | 'http'} framework
 * @property {'cjs' | 'esm'} module
 * @property {string[]} urls path and query; `{n}` stands for a number that is new in each request
 * @property {string} [method]
 * @property {string} [body]
 * @property {Record<string, string>} [headers]
 * @property {number} [status] of its answers, when that is an error
 * @property {number} [abortRatio] the share of requests that the client gives up after a few milliseconds
 * @property {number} [settle] milliseconds after the load until what expires has expired
 * @property {Pattern} [pattern] what it leaks by; of a healthy one, what it resembles
 * @property {Pattern[]} [accept] other names for it that are as right
 * @property {string} [file] the one that leaks, relative to the app's folder; the entry unless given
 * @property {string} note
 */

/**
 * @typedef {Entry & {
 *   kind: 'leaking' | 'healthy',
 *   folder: string,
 *   entry: string,
 *   url: string,
 *   file: string,
 *   lines: number[],
 *   places: Record<string, number[]>,
 * }} App `folder` is absolute, `url` the first of `urls`. `lines` are those with a comment `leak` in `file`: where what
 *   retains is declared, where it is added to, and where what is retained is allocated. `places` are these lines in all
 *   files of the app, since a function may be made in one and kept in another. Empty for healthy apps.
 */

export const PATTERNS = /** @type {const} */ ([
  'unbounded-cache',
  'listeners',
  'closures',
  'timers',
  'promises',
  'streams',
  'requests',
  'sockets',
  'module-arrays',
  'native',
  'strings',
  'instances',
]);

export const leaking = apps('leaking', [
  {
    name: 'query-cache',
    framework: 'express',
    module: 'cjs',
    urls: ['/products?q=Lamp&sort=name&page=1'],
    pattern: 'unbounded-cache',
    note: 'A Map of search results by query string, and every visitor has another one.',
  },
  {
    name: 'metrics-by-url',
    framework: 'http',
    module: 'esm',
    urls: ['/orders'],
    pattern: 'unbounded-cache',
    file: 'metrics.mjs',
    note: 'A plain object has an entry for each URL, and these have ids in them.',
  },
  {
    name: 'bus-listener',
    framework: 'express',
    module: 'cjs',
    urls: ['/quote'],
    pattern: 'listeners',
    note: 'Each request adds a listener to an emitter that lives as long as the service.',
  },
  {
    name: 'abort-signal',
    framework: 'fastify',
    module: 'esm',
    urls: ['/stock/A-100'],
    pattern: 'listeners',
    file: 'stock.mjs',
    note: "Each call adds an 'abort' listener to the signal that says that the service stops.",
  },
  {
    name: 'interval-per-request',
    framework: 'http',
    module: 'cjs',
    urls: ['/jobs'],
    pattern: 'timers',
    note: 'Each request starts an interval that is cleared only under a condition that is never met.',
  },
  {
    name: 'request-log',
    framework: 'express',
    module: 'cjs',
    urls: ['/account'],
    pattern: 'requests',
    note: 'A middleware keeps every request for a debug page.',
  },
  {
    name: 'audit-array',
    framework: 'fastify',
    module: 'esm',
    urls: ['/transfer'],
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"amount":12,"to":"rent"}',
    pattern: 'module-arrays',
    file: 'lib/audit.mjs',
    note: 'An array of a module collects entries that nobody takes out any more.',
  },
  {
    name: 'session-timeouts',
    framework: 'express',
    module: 'cjs',
    urls: ['/login'],
    method: 'POST',
    pattern: 'timers',
    file: 'sessions.js',
    note: 'Each login starts a timer of a day that holds the session, and logout does not stop it.',
  },
  {
    name: 'race-shutdown',
    framework: 'fastify',
    module: 'esm',
    urls: ['/price/A-1'],
    pattern: 'promises',
    file: 'price.mjs',
    note: 'Promise.race with a promise that never settles leaves a reaction, and the result, on it at each call.',
  },
  {
    name: 'awaits-event',
    framework: 'http',
    module: 'cjs',
    urls: ['/orders'],
    pattern: 'promises',
    accept: ['module-arrays'],
    file: 'tracker.js',
    note: 'A function awaits a webhook that never comes, so its promise and all it has in scope stay.',
  },
  {
    name: 'analytics-ready',
    framework: 'express',
    module: 'cjs',
    urls: ['/article'],
    pattern: 'promises',
    file: 'analytics.js',
    note: 'Every event awaits a connection that is never made.',
  },
  {
    name: 'feed-pipe',
    framework: 'http',
    module: 'esm',
    urls: ['/price'],
    pattern: 'streams',
    note: 'A stream that never ends is piped into a new one for each request and never unpiped.',
  },
  {
    name: 'unread-sink',
    framework: 'express',
    module: 'cjs',
    urls: ['/'],
    pattern: 'streams',
    file: 'access-log.js',
    note: 'Each request writes to a stream that nobody reads, and what write() answers is ignored.',
  },
  {
    name: 'download-registry',
    framework: 'http',
    module: 'cjs',
    urls: ['/manual.pdf'],
    pattern: 'streams',
    file: 'downloads.js',
    note: 'A file stream that is opened before an early return is never closed, and a registry waits for that.',
  },
  {
    name: 'aborted-uploads',
    framework: 'http',
    module: 'esm',
    urls: ['/upload'],
    abortRatio: 0.5,
    pattern: 'requests',
    note: "Responses are forgotten on 'finish', which is not emitted for those whose client went away.",
  },
  {
    name: 'audit-requests',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/documents/7'],
    pattern: 'requests',
    file: 'trail.js',
    note: 'An audit trail keeps whole requests, by user.',
  },
  {
    name: 'connection-set',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'sockets',
    file: 'drain.mjs',
    note: 'Connections are kept in a Set for shutdown and not taken out when they close.',
  },
  {
    name: 'agent-per-request',
    framework: 'express',
    module: 'cjs',
    urls: ['/convert'],
    pattern: 'sockets',
    file: 'rates.js',
    note: 'Each request makes an http.Agent of its own, which keeps its connection open.',
  },
  {
    name: 'ws-upstream',
    framework: 'http',
    module: 'esm',
    urls: ['/spot'],
    pattern: 'sockets',
    file: 'spot.mjs',
    note: 'Each request opens a WebSocket to another service and never closes it.',
  },
  {
    name: 'memoize-closure',
    framework: 'http',
    module: 'cjs',
    urls: ['/orders'],
    pattern: 'unbounded-cache',
    file: 'lib/memoize.js',
    note: 'A function that is memoized by an argument that is never the same twice.',
  },
  {
    name: 'nested-maps',
    framework: 'fastify',
    module: 'esm',
    urls: ['/tenants/acme/documents'],
    pattern: 'unbounded-cache',
    file: 'permissions.mjs',
    note: 'A cache of Maps in Maps, the innermost by document.',
  },
  {
    name: 'weakmap-pinned',
    framework: 'express',
    module: 'esm',
    urls: ['/me'],
    pattern: 'unbounded-cache',
    file: 'sessions.mjs',
    note: 'A WeakMap of profiles, whose keys another Map keeps for ever.',
  },
  {
    name: 'process-listeners',
    framework: 'http',
    module: 'cjs',
    urls: ['/pay'],
    pattern: 'listeners',
    file: 'transaction.js',
    note: 'Each transaction listens to a signal and does not stop when it is over.',
  },
  {
    name: 'worker-messages',
    framework: 'http',
    module: 'esm',
    urls: ['/welcome'],
    pattern: 'listeners',
    file: 'renderer.mjs',
    note: 'Each request listens to the messages of a worker thread.',
  },
  {
    name: 'worker-history',
    framework: 'http',
    module: 'cjs',
    urls: ['/mean'],
    pattern: 'module-arrays',
    file: 'worker.js',
    note: 'The array is in a worker thread, in a heap of its own.',
  },
  {
    name: 'cluster-jobs',
    framework: 'http',
    module: 'cjs',
    urls: ['/jobs'],
    pattern: 'module-arrays',
    file: 'worker.js',
    note: 'The array is in the processes of a cluster, not in the one that was started.',
  },
  {
    name: 'error-list',
    framework: 'express',
    module: 'cjs',
    urls: ['/import?strict=1'],
    status: 422,
    pattern: 'module-arrays',
    file: 'errors.js',
    note: 'Errors wait to be sent, and sending always fails.',
  },
  {
    name: 'shutdown-hooks',
    framework: 'express',
    module: 'cjs',
    urls: ['/export'],
    pattern: 'closures',
    file: 'lifecycle.js',
    note: 'Each request adds a function to a list that is for functions of modules.',
  },
  {
    name: 'context-bound',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'closures',
    file: 'later.mjs',
    note: 'Functions bound to the AsyncLocalStorage context of their request wait for a moment that never comes.',
  },
  {
    name: 'undo-chain',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/cart/items'],
    method: 'POST',
    pattern: 'closures',
    file: 'cart.js',
    note: 'Each closure has the one before in its scope.',
  },
  {
    name: 'thumbnails',
    framework: 'express',
    module: 'cjs',
    urls: ['/thumbnail'],
    pattern: 'native',
    file: 'thumbnails.js',
    note: 'A Map of buffers: almost no heap, 16 KB each outside.',
  },
  {
    name: 'embeddings',
    framework: 'fastify',
    module: 'esm',
    urls: ['/search'],
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"text":"where is the lamp"}',
    pattern: 'native',
    file: 'vectors.mjs',
    note: 'A typed array of 3 KB for each question.',
  },
  {
    name: 'body-parts',
    framework: 'http',
    module: 'esm',
    urls: ['/upload'],
    method: 'POST',
    body: 'GIF89a'.padEnd(6000, '.'),
    pattern: 'native',
    file: 'archive.mjs',
    note: 'Eight bytes of each body are kept as a view, and with it the body.',
  },
  {
    name: 'sliced-ids',
    framework: 'http',
    module: 'cjs',
    urls: ['/events'],
    method: 'POST',
    body: `3f1c9f0e-8a57-4b69-9d6e-0a4f4c1f5f11\n${'event '.repeat(300)}`,
    pattern: 'strings',
    file: 'correlation.js',
    note: 'A slice of each body is kept, and with it the body.',
  },
  {
    name: 'log-line',
    framework: 'express',
    module: 'esm',
    urls: ['/weather'],
    pattern: 'strings',
    file: 'log.mjs',
    note: 'One string grows by a line a request.',
  },
  {
    name: 'etag-strings',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/page'],
    pattern: 'strings',
    // It is a collection without a bound, as well.
    accept: ['unbounded-cache'],
    file: 'etags.js',
    note: 'A Set of the pages that were sent.',
  },
  {
    name: 'linked-visits',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/'],
    pattern: 'instances',
    file: 'visit-log.js',
    note: 'A linked list of instances.',
  },
  {
    name: 'instance-registry',
    framework: 'express',
    module: 'esm',
    urls: ['/orders'],
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"customer":"ada"}',
    pattern: 'instances',
    file: 'order.mjs',
    note: 'A class has a static Set of all its instances.',
  },
  {
    name: 'typed-sessions',
    entry: 'server.mts',
    args: ['--import', 'tsx'],
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'instances',
    file: 'session-manager.mts',
    note: 'In TypeScript: instances that are too old are filtered and not removed.',
  },
  {
    name: 'session-store',
    framework: 'express',
    module: 'cjs',
    urls: ['/shop'],
    pattern: 'unbounded-cache',
    note: 'The default store of express-session, which is in a dependency, keeps every session.',
  },
  {
    name: 'prom-labels',
    framework: 'express',
    module: 'cjs',
    urls: ['/orders'],
    pattern: 'unbounded-cache',
    note: 'A histogram of prom-client with the URL as a label: what grows is in the dependency.',
  },
  {
    name: 'pollers',
    framework: 'fastify',
    module: 'esm',
    urls: ['/exports'],
    method: 'POST',
    pattern: 'timers',
    file: 'poll.mjs',
    note: 'Each job is looked at every half minute, for ever.',
  },
  {
    name: 'deflate-contexts',
    framework: 'http',
    module: 'esm',
    urls: ['/export'],
    accept: ['native', 'unbounded-cache'],
    pattern: 'streams',
    file: 'encoders.mjs',
    note: 'Compression streams are flushed and never ended.',
  },
  {
    name: 'shop',
    framework: 'express',
    module: 'cjs',
    urls: ['/products/lamp'],
    pattern: 'listeners',
    file: 'stock.js',
    note: 'A listener for an event that is rare, among caches and lists that are bounded.',
  },
]);

export const healthy = apps('healthy', [
  {
    name: 'lru-search',
    framework: 'express',
    module: 'cjs',
    urls: ['/products?q=Lamp'],
    pattern: 'unbounded-cache',
    note: 'An LRU cache of 200 entries, which is full after half a round.',
  },
  {
    name: 'fifo-map',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'unbounded-cache',
    note: 'A Map that forgets its oldest key when it has 300.',
  },
  {
    name: 'listener-removed',
    framework: 'express',
    module: 'cjs',
    urls: ['/quote'],
    pattern: 'listeners',
    note: 'A listener for each request, removed when its response closes.',
  },
  {
    name: 'timers-cleared',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'timers',
    note: 'An interval and a long timeout for each request, both cleared.',
  },
  {
    name: 'ring-buffer',
    framework: 'fastify',
    module: 'esm',
    urls: ['/'],
    pattern: 'module-arrays',
    note: 'The last 256 requests, written over in turn.',
  },
  {
    name: 'request-scoped',
    framework: 'express',
    module: 'cjs',
    urls: ['/orders'],
    pattern: 'requests',
    note: 'Much hangs on the request, in circles, and goes with it.',
  },
  {
    name: 'ttl-cache',
    framework: 'fastify',
    module: 'esm',
    urls: ['/quote'],
    settle: 1_200,
    pattern: 'unbounded-cache',
    note: 'Entries that live 400 ms.',
  },
  {
    name: 'fills-up',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'unbounded-cache',
    file: 'products.js',
    note: 'A Map without a bound, for which there are only 250 keys.',
  },
  {
    name: 'object-pool',
    framework: 'express',
    module: 'cjs',
    urls: ['/sum'],
    pattern: 'native',
    note: 'Typed arrays that are used again.',
  },
  {
    name: 'memoize-bounded',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'closures',
    note: 'A memoized function that can be asked for 28 things.',
  },
  {
    name: 'abort-signal-removed',
    framework: 'fastify',
    module: 'esm',
    urls: ['/stock/A-100'],
    pattern: 'listeners',
    note: "'abort' listeners on the signal of the service, each removed when its work is done.",
  },
  {
    name: 'file-pipeline',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'streams',
    note: 'Files, compressed, through pipeline().',
  },
  {
    name: 'sessions-expire',
    framework: 'express',
    module: 'cjs',
    urls: ['/login'],
    method: 'POST',
    settle: 1_200,
    pattern: 'timers',
    note: 'Each session has a timer that takes it out of the Map after half a second.',
  },
  {
    name: 'weakmap-cache',
    framework: 'express',
    module: 'esm',
    urls: ['/cart'],
    pattern: 'requests',
    note: 'WeakMaps with requests and instances as keys.',
  },
  {
    name: 'weakref-cache',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'unbounded-cache',
    note: 'WeakRefs in a Map, with a FinalizationRegistry that tidies it.',
  },
  {
    name: 'lazy-modules',
    framework: 'express',
    module: 'cjs',
    urls: ['/export'],
    note: 'Modules are loaded in the first hundreds of requests.',
  },
  {
    name: 'jit-heavy',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    note: 'Functions become hot one after the other, and code is compiled all the time.',
  },
  {
    name: 'metrics-bounded',
    framework: 'express',
    module: 'cjs',
    urls: ['/orders/1', '/orders/2', '/orders/3'],
    pattern: 'unbounded-cache',
    note: 'prom-client with labels of few values.',
  },
  {
    name: 'shared-agent',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'sockets',
    note: 'One keep-alive agent for all requests to another service.',
  },
  {
    name: 'big-responses',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/report'],
    note: 'A few hundred kB of garbage and answer for each request.',
  },
  {
    name: 'buffer-bursts',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'native',
    note: '3 MB of buffers for each request, dropped at once.',
  },
  {
    name: 'interned-strings',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'strings',
    note: 'A table of strings, of which there are 512.',
  },
  {
    name: 'template-cache',
    framework: 'express',
    module: 'esm',
    urls: ['/'],
    pattern: 'closures',
    note: 'Eight templates, compiled to functions when they are used first.',
  },
  {
    name: 'response-streaming',
    framework: 'fastify',
    module: 'esm',
    urls: ['/rows'],
    pattern: 'streams',
    note: 'Answers that are streamed from a generator.',
  },
  {
    name: 'request-context',
    framework: 'express',
    module: 'cjs',
    urls: ['/'],
    pattern: 'closures',
    note: 'AsyncLocalStorage, as its documentation has it.',
  },
  {
    name: 'connection-set-tidy',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'sockets',
    note: 'A Set of connections, out of which they are taken when they close.',
  },
  {
    name: 'ws-closed',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'sockets',
    note: 'A WebSocket for each request, closed.',
  },
  {
    name: 'in-flight',
    framework: 'fastify',
    module: 'cjs',
    urls: ['/'],
    pattern: 'promises',
    note: 'Promises in a Map until they settle.',
  },
  {
    name: 'race-timeout',
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    pattern: 'promises',
    note: 'Promise.race between two promises of the same call.',
  },
  {
    name: 'worker-answers',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'closures',
    note: 'Callbacks in a Map until a worker thread answers.',
  },
  {
    name: 'batches',
    framework: 'express',
    module: 'esm',
    urls: ['/article'],
    pattern: 'module-arrays',
    note: 'An array that is sent and emptied when it has 64 entries.',
  },
  {
    name: 'typed-limiter',
    entry: 'server.mts',
    args: ['--import', 'tsx'],
    framework: 'http',
    module: 'esm',
    urls: ['/'],
    settle: 1_000,
    pattern: 'unbounded-cache',
    note: 'In TypeScript: counts by client in two generations, of which the older is dropped.',
  },
  {
    name: 'history-limited',
    framework: 'fastify',
    module: 'esm',
    urls: ['/edit'],
    method: 'POST',
    pattern: 'instances',
    note: 'A linked list that drops its oldest node.',
  },
  {
    name: 'heartbeat-history',
    framework: 'http',
    module: 'cjs',
    urls: ['/health'],
    pattern: 'module-arrays',
    note: 'An array that grows by time and not by requests, up to 120 entries.',
  },
  {
    name: 'cluster-lru',
    framework: 'http',
    module: 'cjs',
    urls: ['/'],
    pattern: 'instances',
    note: 'A bounded cache in each process of a cluster.',
  },
  {
    name: 'late-full-cache',
    framework: 'express',
    module: 'esm',
    urls: ['/cart'],
    pattern: 'unbounded-cache',
    note: 'An LRU cache that is full after 700 requests: within the first round, not before it.',
  },
]);

/**
 * @param {'leaking' | 'healthy'} kind
 * @param {Entry[]} entries
 * @returns {App[]}
 */
function apps(kind, entries) {
  return entries.map((given) => {
    const folder = fileURLToPath(new URL(`${kind}/${given.name}`, import.meta.url));
    const entry = given.entry ?? (given.module === 'cjs' ? 'server.js' : 'server.mjs');
    const file = given.file ?? entry;
    const places = markers(folder);
    return { ...given, kind, folder, entry, file, lines: places[file] ?? [], places, url: given.urls[0] };
  });
}

/**
 * @param {string} folder
 * @returns {Record<string, number[]>}
 */
function markers(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.[cm]?[jt]s$/.test(path));
  const found = files.map((path) => /** @type {const} */ ([path, marked(join(folder, path))]));
  return Object.fromEntries(found.filter(([, lines]) => lines.length > 0));
}

/** @param {string} path */
function marked(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (!/\/\/ leak$|\/\* leak \*\//.test(line)) return [];
      if (/^\s*\/[/*] leak( \*\/)?$/.test(line))
        throw new Error(`${path}:${index + 1}: a marker marks its own line`);
      return [index + 1];
    });
}
