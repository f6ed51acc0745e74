/**
 * A bounded store for express-rate-limit.
 *
 * @packageDocumentation
 */

export {
  type RateLimitHits,
  SharedRateLimitStore,
  type SharedRateLimitStoreOptions,
} from './rate-limit/store';
