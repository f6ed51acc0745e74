/**
 * The requests that both apps get, in the same order. Made from a seed, so that every run has the same.
 *
 * Most visits are to popular products by known visitors. The rest is what keeps the key space of a real shop
 * growing: links from newsletters and advertisements, each with a campaign parameter of its own, searches
 * nobody typed before, new browsers. Nothing of that is ever asked for again.
 */

/** @typedef {{ path: string, headers: { cookie: string } }} Request */

const NEW_VISITOR = 0.15;
const KNOWN_VISITORS = 600;
const POPULAR_PRODUCTS = 120;
/** How unequal popularity is: the exponent of Zipf's law. */
const SKEW = 0.9;
const TERMS = ['oak lamp', 'steel chair', 'linen rug', 'cork shelf', 'glass bowl', 'wool rug', 'brass clock'];

/** @param {number} [seed] */
export function createTraffic(seed = 1) {
  const random = mulberry32(seed);
  const popular = zipf(POPULAR_PRODUCTS, SKEW, random);
  const known = zipf(KNOWN_VISITORS, SKEW, random);
  let serial = 0;

  /** @param {string} path @param {string} visitor */
  const request = (path, visitor) => ({ path, headers: { cookie: `visitor=${visitor}` } });
  const unseen = () => (++serial).toString(36);
  const visitor = () => (random() < NEW_VISITOR ? `new-${unseen()}` : `known-${known()}`);
  const search = () => `/search?q=${encodeURIComponent(TERMS[popular() % TERMS.length])}`;
  const product = () => `/products/${popular() + 1}`;
  const rareSearch = () => `${search()}%20${unseen()}`;
  const campaign = () => `${product()}?campaign=mail-${unseen()}`;
  const account = () => '/account';
  /** @param {string} what */
  const live = (what) => () => `${product()}/${what}`;

  /** Shares of all requests; what is left over is visits to popular products. */
  const mix = [
    { share: 0.2, path: campaign },
    { share: 0.04, path: rareSearch },
    { share: 0.08, path: search },
    { share: 0.04, path: account },
    { share: 0.006, path: live('watch') },
    { share: 0.006, path: live('remind') },
    { share: 0.006, path: live('reviews') },
  ];
  function ordinary() {
    let left = random();
    for (const { share, path } of mix) {
      if (left < share) return path();
      left -= share;
    }
    return product();
  }

  return {
    /** @param {number} count @returns {Request[]} */
    ordinary: (count) => Array.from({ length: count }, () => request(ordinary(), visitor())),

    /**
     * Only what was never seen before, which fills caches fastest.
     *
     * @param {number} count
     * @returns {Request[]}
     */
    unseen: (count) =>
      Array.from({ length: count }, (_, i) =>
        request(i % 3 === 0 ? rareSearch() : campaign(), `new-${unseen()}`),
      ),
  };
}

/**
 * Picks 0 to count - 1, the lower the likelier.
 *
 * @param {number} count
 * @param {number} skew
 * @param {() => number} random
 */
function zipf(count, skew, random) {
  let sum = 0;
  const cumulative = Float64Array.from({ length: count }, (_, i) => {
    sum += (i + 1) ** -skew;
    return sum;
  });
  return () => {
    const wanted = random() * sum;
    return cumulative.findIndex((upTo) => wanted < upTo);
  };
}

/**
 * A small seeded generator (mulberry32, public domain): Math.random has no seed.
 *
 * @param {number} state
 */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
