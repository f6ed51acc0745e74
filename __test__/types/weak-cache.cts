// The same declarations reach CommonJS.

import plateau = require('plateau');

const cache: plateau.WeakCache<string, Date> = new plateau.WeakCache<string, Date>({ maxStrong: 5 });
const date: Date | undefined = cache.get('a');
void date;
// @ts-expect-error only objects can be held weakly
new plateau.WeakCache<string, string>();
