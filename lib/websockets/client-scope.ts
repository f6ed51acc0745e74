/** The scope of one WebSocket client, which the supervisor ends with the client. */

import { createScope, type Scope } from '../scope/scope';

export type ClientScope = Scope;

/** Without `until`: the supervisor knows more ways in which a client ends than its `close`. */
export function createClientScope(): ClientScope {
  return createScope({ name: 'WebSocket client' });
}
