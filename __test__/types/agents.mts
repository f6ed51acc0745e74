// The types of inspectAgents.

import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AgentFindingCode, type AgentsReport, type InspectAgentsOptions, inspectAgents } from 'plateau';

declare const dispatcher: { dispatch(options: { path: string }, handler: object): boolean };

const report: AgentsReport = inspectAgents();
report.ok satisfies boolean;
report.totals.sockets satisfies number;
for (const { agent, origin, sockets, free, pending, limit } of report.origins) {
  [agent, origin] satisfies string[];
  [sockets, free, pending] satisfies number[];
  limit satisfies number | undefined;
}
for (const { code, message } of report.findings) {
  code satisfies AgentFindingCode;
  message satisfies string;
}
const options: InspectAgentsOptions = {
  agents: [new Agent(), new HttpsAgent()],
  dispatchers: { payments: dispatcher },
  ...{ maxSockets: 5, maxFree: 5, maxPending: 5, maxOrigins: 5, maxPools: 5 },
};
inspectAgents(options);
inspectAgents({ agents: { payments: new HttpsAgent() }, dispatchers: [dispatcher] });

// @ts-expect-error there is no such option
inspectAgents({ maxSocket: 5 });
// @ts-expect-error one agent is no list
inspectAgents({ agents: new Agent() });
// @ts-expect-error a dispatcher is no agent
inspectAgents({ agents: [dispatcher] });
// @ts-expect-error nor the other way round
inspectAgents({ dispatchers: [new Agent()] });
// @ts-expect-error a bound is a number
inspectAgents({ maxPending: '5' });

export { report };
