// The package's types through `import`.

import { version } from 'plateau';
import * as compat from 'plateau/lru-cache';
import manifest from 'plateau/package.json' with { type: 'json' };

version satisfies string;
compat satisfies object;
manifest.name satisfies string;

// @ts-expect-error there is no default export to confuse the two module systems
import plateau from 'plateau';
// @ts-expect-error internals are not published
import * as testing from 'plateau/testing';

export { plateau, testing };
