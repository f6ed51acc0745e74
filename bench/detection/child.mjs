/** Measures one contender on one program: what it says while the program is under load. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../harness/child.mjs';
import { drive } from './drive.mjs';
import { loadProgram } from './program.mjs';
import { COLUMNS } from './recorder.mjs';
import { mannKendall, medianSlope } from './trend.mjs';

await runChild(async (task) => {
  const run = await drive(task);
  const of = (field) => run.messages.filter(({ message }) => field in message);
  const load = { requests: run.requests, failures: run.failures, seconds: run.seconds };
  switch (task.contender) {
    case 'plateau':
      return {
        ...load,
        verdicts: of('verdict').map(({ after, message }) => ({ after, ...short(message.verdict) })),
        alarms: of('alarm').map(({ after, message }) => ({ after, place: message.alarm })),
        final: run.final,
      };
    case 'mann-kendall':
      return { ...load, ...simpleRule(of('floor').map(({ message }) => message.floor)) };
    default:
      return {
        ...load,
        file: await record(
          task,
          of('row').map(({ message }) => message.row),
        ),
      };
  }
});

function short({ verdict, place, confidence, perSecond, perRequest, evidence }) {
  return { verdict, place, confidence, perSecond, perRequest, evidence };
}

/** The rule looks at the last half: the first is the program's start. */
function simpleRule(floors) {
  const last = floors.slice(Math.floor(floors.length / 2));
  const bytes = last.map((floor) => floor.bytes);
  const requests = last.map((floor) => floor.requests);
  return { floors: last.length, z: mannKendall(bytes), perRequest: medianSlope(requests, bytes) };
}

/** Writes the series of a run: a line per second. */
async function record({ program: id, directory }, rows) {
  const { place, alsoRight, why, perRequest, traffic } = await loadProgram(id);
  const [kind, name] = id.split('/');
  const { rate = 500, phases, keepAlive = true } = traffic ?? {};
  const shape = phases === undefined ? { rate, keepAlive } : { phases, keepAlive };
  const head = JSON.stringify({
    kind,
    name,
    why,
    place,
    alsoRight,
    perRequest,
    traffic: shape,
    columns: COLUMNS,
  });
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n');
  const file = join(directory, `${kind}-${name}.json`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, `${head.slice(0, -1)},"rows":[\n${lines}\n]}\n`);
  return file;
}
