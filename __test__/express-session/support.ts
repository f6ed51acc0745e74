/** What the tests of the session store need. */

import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { SessionData, Store } from 'express-session';
import { SharedSessionStore, type SharedSessionStoreOptions } from 'plateau/express-session';
import { named } from '../shared/support';

/** A store of the test's own, closed after it. */
export function openStore(
  t: TestContext,
  options: Partial<SharedSessionStoreOptions> = {},
): SharedSessionStore {
  const store = new SharedSessionStore(named(options as object) as SharedSessionStoreOptions);
  t.after(() => store.close());
  return store;
}

/** What a test puts into a session. */
export type Data = { cookie?: { expires?: Date | string | null; [field: string]: unknown } } & {
  [field: string]: unknown;
};

/** A store with promises in place of callbacks. */
export function promised(store: Store) {
  const bound = <M extends keyof Store>(method: M): Store[M] =>
    (store[method] as unknown as () => void).bind(store) as unknown as Store[M];
  return {
    get: promisify(bound('get') as never) as (sid: string) => Promise<Data | undefined>,
    set: promisify(bound('set') as never) as (sid: string, session: Data) => Promise<void>,
    touch: promisify(bound('touch') as never) as (sid: string, session: Data) => Promise<void>,
    destroy: promisify(bound('destroy') as never) as (sid: string) => Promise<void>,
    all: promisify(bound('all') as never) as () => Promise<Record<string, SessionData>>,
    length: promisify(bound('length') as never) as () => Promise<number>,
    clear: promisify(bound('clear') as never) as () => Promise<void>,
  };
}

/** A cookie that has `ms` left, as a browser keeps it. */
export function lasting(ms: number): NonNullable<Data['cookie']> {
  return { originalMaxAge: ms, expires: new Date(Date.now() + ms), httpOnly: true, path: '/' };
}
