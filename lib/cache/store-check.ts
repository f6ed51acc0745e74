/** The invariants of a store; the tests check them after every step. */

import type { Store } from './store';

/** Throws when anything in the store contradicts anything else. Linear in its slots. */
export function validateStore<K, V>(store: Store<K, V>): void {
  const slots = store.slots();
  const fail = (what: string): never => {
    throw new Error(`invalid store: ${what}`);
  };
  if (slots.length !== store.size) fail(`${slots.length} slots in order, size ${store.size}`);
  if (new Set(slots).size !== slots.length) fail('a slot stands twice in the order');
  if (store.size > store.maxEntries) fail(`${store.size} entries, at most ${store.maxEntries} allowed`);
  let bytes = 0;
  for (const slot of slots) {
    if (slot <= 0 || slot >= store.used) fail(`slot ${slot} is out of range`);
    if (store.hot[2 * slot] === 0) fail(`slot ${slot} is live without a stamp`);
    if ((store.hot[2 * slot + 1] as number) < store.earliest)
      fail(`slot ${slot} expires before the earliest`);
    bytes += store.sizeOf(slot);
  }
  if (Math.abs(bytes - store.bytes) > 1e-6 * bytes) fail(`sizes add up to ${bytes}, not ${store.bytes}`);
  if (store.bytes > store.maxBytes) fail(`${store.bytes} bytes, at most ${store.maxBytes} allowed`);
  const live = new Set(slots);
  for (let slot = 1; slot < store.used; slot++) {
    if (live.has(slot)) continue;
    if (store.hot[2 * slot] !== 0) fail(`slot ${slot} is free with a stamp`);
    if (store.keys[slot] !== undefined || store.values[slot] !== undefined) fail(`slot ${slot} holds on`);
  }
  if (store.order.countFree() + slots.length !== store.used - 1) fail('slots are lost');
  store.index.validate(slots);
  store.s3?.validate(slots);
}
