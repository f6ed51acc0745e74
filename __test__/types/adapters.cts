// The same classes through `require`.

import sessions = require('plateau/express-session');
import keyv = require('plateau/keyv');
import limits = require('plateau/rate-limit');
import plateau = require('plateau');

const cache = new plateau.BoundedCache<string, unknown>({ maxEntries: 1 });
const store: keyv.KeyvStore = new keyv.KeyvStore(cache);
const options: sessions.SharedSessionStoreOptions = { name: 'sessions' };
const hits: limits.RateLimitHits = { totalHits: 1, resetTime: new Date() };

// @ts-expect-error there is no default export
keyv.default;

export = { store, options, hits };
