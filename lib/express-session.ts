/**
 * A bounded session store for express-session.
 *
 * @packageDocumentation
 */

export { SharedSessionStore, type SharedSessionStoreOptions } from './express-session/store';
