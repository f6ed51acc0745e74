/**
 * Runs one program, watched by one contender, in a process of its own. Tells its parent over IPC the port it
 * listens on and what the contender says; ends with its parent.
 */

import { listen, loadProgram } from './program.mjs';
import { watchers } from './watchers.mjs';

const { program: id, contender } = JSON.parse(process.argv[2] ?? '{}');
const send = (message) => void (process.connected && process.send?.(message));
process.on('disconnect', () => process.exit());

const program = await loadProgram(id);
const watch = watchers[contender];
if (watch === undefined) throw new Error(`no contender is called ${contender}`);
const finish = await watch(send);
send({ port: await listen(program) });
process.on('message', () => {
  // The parent ends this process when it has the answer.
  send({ final: finish() ?? null });
});
