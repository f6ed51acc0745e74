/** Measures one contender on one program: what it says while the program is under load. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../harness/child.mjs';
import { drive } from './drive.mjs';
import { loadProgram } from './program.mjs';
import { COLUMNS } from './recorder.mjs';

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
      return { ...load, floors: of('floor').map(({ message }) => message.floor) };
    default:
      return {
        ...load,
        file: await write(
          task,
          of('row').map(({ message }) => message.row),
        ),
      };
  }
});

function short({ verdict, place, confidence, perSecond, perRequest, evidence }) {
  return { verdict, place, confidence, perSecond, perRequest, evidence };
}

async function write({ program: id, directory }, rows) {
  const { place, alsoRight, why, bytesPerRequest, traffic } = await loadProgram(id);
  const [kind, name] = id.split('/');
  const file = join(directory, `${kind}-${name}.json`);
  const { rate = 500, phases, keepAlive = true } = traffic ?? {};
  const head = { kind, name, why, place, alsoRight, bytesPerRequest, traffic: { rate, phases, keepAlive } };
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ ...head, columns: COLUMNS }).slice(0, -1)},"rows":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}\n`,
  );
  return file;
}
