/**
 * For unit tests: whether a function leaks, in node:test, Vitest, Jest or any other runner.
 *
 * @packageDocumentation
 */

export { type ExpectNoLeakOptions, expectNoLeak, type LeakError } from './check/expect-no-leak';
