// superviseWebSockets and inspectAgents through `require`: the same types.

import plateau = require('plateau');

declare const wss: plateau.WsServerLike<{ id: number }>;

const supervisor: plateau.WebSocketSupervisor<{ id: number }> = plateau.superviseWebSockets(wss);
supervisor.scopeOf({ id: 5 }).disposed satisfies boolean;
plateau.inspectAgents().ok satisfies boolean;

// @ts-expect-error types are checked as through import
plateau.superviseWebSockets(wss, { maxBuffered: 'much' });

export = supervisor;
