// Of Keyv's test suite, which is written for vitest. Nothing of it is kept.

export default {
  test: { include: ['*.suite.mjs'], pool: 'forks', cache: false },
};
