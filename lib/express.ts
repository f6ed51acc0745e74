/**
 * Express integration, which Connect and plain `node:http` servers can use as well.
 *
 * @packageDocumentation
 */

import type { Scope } from './index';
import { hideFramesOf } from './sites/call-site';

// What the application did is looked for above these files.
if (typeof __filename === 'string') hideFramesOf(__filename);

declare global {
  namespace Express {
    interface Request {
      /** What the request has started, released when its response ends. Where `requestScope()` is used. */
      scope: Scope;
    }
  }
}

export { type Middleware, requestScope } from './express/request-scope';
