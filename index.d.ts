// The public API, generated from lib/ by `npm run build:js`. Committed so that its changes show in review;
// not edited by hand.
/**
 * The version of the package. Written by `scripts/sync-version.mjs`, which keeps it equal to the
 * one in package.json, Cargo.toml and every platform package.
 */
declare const version: string;

export { version };
