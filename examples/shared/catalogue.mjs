/**
 * The shop's data: what a database would answer. Made by formula, so that two processes hold the same.
 */

/**
 * @typedef {object} Product
 * @property {number} id
 * @property {string} name
 * @property {number} cents the price without any discount
 * @property {string[]} tags
 * @property {string} description
 *
 * @typedef {'guest' | 'member'} Segment who sees which price
 *
 * @typedef {object} Visitor
 * @property {string} id
 * @property {Segment} segment
 * @property {string} greeting
 * @property {number[]} recommended product ids
 */

const MATERIALS = ['oak', 'steel', 'linen', 'cork', 'glass', 'wool', 'brass', 'bamboo', 'ceramic', 'leather'];
const COLOURS = ['natural', 'black', 'ivory', 'moss', 'rust', 'navy', 'sand', 'slate'];
const THINGS = [
  'lamp',
  'chair',
  'shelf',
  'bowl',
  'rug',
  'clock',
  'mirror',
  'vase',
  'table',
  'basket',
  'stool',
];
const VIRTUES = ['ages well', 'is made to be repaired', 'comes flat', 'is finished by hand'];
const ROOMS = ['kitchen', 'hall', 'study', 'bedroom', 'porch', 'workshop'];

const PRODUCTS = 240;

/** @type {readonly Product[]} */
export const products = Array.from({ length: PRODUCTS }, (_, index) => {
  const pick = (/** @type {readonly string[]} */ list, /** @type {number} */ step) =>
    list[(index * step + Math.floor(index / list.length)) % list.length];
  const [material, colour, thing, room] = [
    pick(MATERIALS, 3),
    pick(COLOURS, 5),
    pick(THINGS, 1),
    pick(ROOMS, 7),
  ];
  return {
    id: index + 1,
    name: `${colour} ${material} ${thing}`,
    cents: 1_900 + ((index * 7_919) % 48_000),
    tags: [material, colour, thing, room],
    description: [
      `A ${thing} of ${material} in ${colour}, for the ${room} and wherever else it finds a place.`,
      `It ${VIRTUES[index % 4]}, and it ${VIRTUES[(index + 1) % 4]}.`,
      `Measured for real rooms: no. ${index + 1} fits through every door it was carried through.`,
    ].join(' '),
  };
});

/** @param {number} id */
export function findProduct(id) {
  return products[id - 1];
}

/**
 * The products most like one, best first: a small join and a sort, as "you may also like" is everywhere.
 *
 * @param {Product} product
 * @param {number} count
 */
export function similarTo(product, count) {
  return products
    .filter((other) => other.id !== product.id)
    .map((other) => {
      const shared = other.tags.filter((tag) => product.tags.includes(tag)).length;
      return { other, likeness: shared - Math.abs(other.cents - product.cents) / 50_000 };
    })
    .sort((a, b) => b.likeness - a.likeness || a.other.id - b.other.id)
    .slice(0, count)
    .map(({ other }) => other);
}

/** @param {string} words */
export function searchProducts(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return products
    .map((product) => ({ product, score: wanted.filter((word) => product.name.includes(word)).length }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.product.id - b.product.id)
    .slice(0, 12)
    .map(({ product }) => product);
}

/**
 * What is known of a visitor.
 *
 * @param {string} id
 * @returns {Visitor}
 */
export function loadVisitor(id) {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0;
  return {
    id,
    segment: hash % 5 === 0 ? 'member' : 'guest',
    greeting: `Welcome back, visitor ${id}`,
    recommended: Array.from({ length: 16 }, (_, i) => 1 + ((hash + i * 37) % PRODUCTS)),
  };
}
