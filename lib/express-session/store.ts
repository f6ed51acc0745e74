/**
 * The session store of `plateau/express-session`. It behaves as express-session's own `MemoryStore`, and does not grow
 * beyond its bound: sessions expire though nobody asks for them, and make room for others.
 */

import { type SessionData, Store } from 'express-session';
import { invalidOption } from '../errors';
import { SharedCache, type SharedCacheOptions } from '../index';
import { reportError } from '../lifetime/report-error';

/** Options of {@link SharedSessionStore}: those of `SharedCache` but for the codec, which is `'json'`. */
export interface SharedSessionStoreOptions extends Omit<SharedCacheOptions<SessionData>, 'codec'> {
  /**
   * Time to live in milliseconds of sessions whose cookie has no `maxAge` or `expires`, and so would end with the
   * browser, of which a server never hears.
   * @default 86,400,000 (one day), or what the cache of this name is open with
   */
  ttl?: number | undefined;
  /**
   * Which session leaves when there is no room. S3-FIFO keeps people who come again through any number of clients that
   * come once; under `'lru'` these push them out.
   * @default 's3-fifo', or what the cache of this name is open with
   */
  policy?: 'lru' | 's3-fifo' | undefined;
}

type Callback<T = unknown> = ((error: unknown, result?: T) => void) | undefined;

const DAY_MS = 86_400_000;

/**
 * A store of sessions for all threads of the process, outside V8's heap, with a bound on the bytes it takes.
 *
 * A session lives as long as its cookie (`cookie.expires`, which `maxAge` sets), else for `ttl`; each request of it
 * prolongs that. When there is no room, another session makes some, those first that were used once or not for long:
 * whoever it belonged to has to log in again, so choose `maxBytes` for the sessions you expect, and watch
 * `store.cache.stats().removals.evicted`. A session is stored as JSON; one beyond `maxEntryBytes` is an error of the
 * request that saves it.
 *
 * What goes wrong is given to the callback; where there is none, it is a process warning, `PLATEAU_SESSION`.
 *
 * Sessions end with the process, unless `store.cache.snapshotTo(file)` and `restoreFrom(file)` carry them over.
 *
 * @example
 * const store = new SharedSessionStore({ name: 'sessions', maxBytes: 64 * 2 ** 20 });
 * app.use(session({ store, secret, resave: false, saveUninitialized: false }));
 */
export class SharedSessionStore extends Store {
  readonly #cache: SharedCache<SessionData>;

  /** @throws as the constructor of `SharedCache` */
  constructor(options: SharedSessionStoreOptions) {
    super();
    this.#cache = new SharedCache<SessionData>(cacheOptions(options));
  }

  /** The cache that the sessions are in, by their ids: for its `stats`, `resize`, `snapshotTo` and `restoreFrom`. */
  get cache(): SharedCache<SessionData> {
    return this.#cache;
  }

  /** The session of an id, if there is one. */
  override get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#run(callback, () => {
      const session = this.#cache.get(sid);
      if (session === undefined || !hasEnded(session)) return session;
      this.#cache.delete(sid);
      return undefined;
    });
  }

  /** Stores a session in place of the one that is there. One whose cookie has expired is removed instead. */
  override set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    this.#run(callback, () => {
      const ttl = lifeOf(session);
      if (ttl !== undefined && ttl <= 0) this.#cache.delete(sid);
      else this.#cache.set(sid, session, { ttl });
    });
  }

  /**
   * Prolongs a session by its cookie, and changes nothing else of it: what other requests have stored meanwhile, in
   * whatever thread, stays.
   */
  override touch(sid: string, session: SessionData, callback?: () => void): void {
    this.#run(callback as Callback, () => {
      const ttl = lifeOf(session);
      if (ttl !== undefined && ttl <= 0) {
        this.#cache.delete(sid);
        return;
      }
      const { cookie } = session;
      const touched = (old: SessionData | undefined): SessionData | undefined =>
        old === undefined || hasEnded(old) ? undefined : { ...old, cookie };
      this.#cache.update(sid, touched, { ttl });
    });
  }

  /** Removes a session. */
  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    this.#run(callback, () => {
      this.#cache.delete(sid);
    });
  }

  /** All sessions by their ids. Linear in them, on this thread. */
  override all(callback: (error: unknown, sessions?: { [sid: string]: SessionData } | null) => void): void {
    this.#run(callback, () => {
      const sessions: { [sid: string]: SessionData } = Object.create(null);
      for (const [sid, session] of this.#cache) {
        if (typeof sid === 'string' && !hasEnded(session)) sessions[sid] = session;
      }
      return sessions;
    });
  }

  /** The number of sessions. */
  override length(callback: (error: unknown, length?: number) => void): void {
    this.#run(callback, () => {
      this.#cache.purgeExpired();
      return this.#cache.size;
    });
  }

  /** Removes all sessions. */
  override clear(callback?: (error?: unknown) => void): void {
    this.#run(callback, () => {
      this.#cache.clear();
    });
  }

  /** Lets go of the cache in this thread; with the last thread the sessions are gone. */
  close(): void {
    this.#cache.close();
  }

  /** Calls back in the next tick, whatever happens, as all stores do. */
  #run<T>(callback: Callback<T>, work: () => T | undefined): void {
    let result: T | undefined;
    try {
      result = work();
    } catch (error) {
      if (typeof callback === 'function') process.nextTick(callback, error);
      else reportError(error, 'by a session store that was given no callback', 'PLATEAU_SESSION');
      return;
    }
    if (typeof callback === 'function') process.nextTick(callback, null, result);
  }
}

/** The options of the cache behind it; who only attaches to one takes what it is open with. */
function cacheOptions(given: SharedCacheOptions<SessionData>): SharedCacheOptions<SessionData> {
  // Not ours to say what is wrong with it.
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  if (given.codec !== undefined) {
    throw invalidOption('codec', 'left out: sessions are stored as JSON', given.codec);
  }
  const defaults = given.maxBytes === undefined ? {} : { ttl: DAY_MS, policy: 's3-fifo' as const };
  return {
    ...given,
    codec: 'json',
    ttl: given.ttl ?? defaults.ttl,
    policy: given.policy ?? defaults.policy,
  };
}

/** Milliseconds that a session's cookie has left; `undefined` for one that ends with the browser. */
function lifeOf(session: SessionData): number | undefined {
  // Data that a test or a tool has put in need not have one.
  const cookie = session.cookie as SessionData['cookie'] | undefined;
  if (cookie?.expires) {
    const left = new Date(cookie.expires).getTime() - Date.now();
    if (!Number.isNaN(left)) return left;
  }
  const maxAge: unknown = cookie?.maxAge;
  return typeof maxAge === 'number' && !Number.isNaN(maxAge) ? maxAge : undefined;
}

/** By the clock of the cookie, which the user may have set and tests fake; the cache has its own. */
function hasEnded(session: SessionData): boolean {
  const expires = (session.cookie as SessionData['cookie'] | undefined)?.expires;
  return Boolean(expires) && new Date(expires as Date).getTime() <= Date.now();
}
