// The package's types through `require`.

import plateau = require('plateau');
import compat = require('plateau/lru-cache');

plateau.version satisfies string;
compat satisfies object;

// @ts-expect-error internals are not published
import testing = require('plateau/testing');

export = { compat, testing };
