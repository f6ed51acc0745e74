/** `npm run bench -- <name>`: runs one benchmark suite and reports it. See README.md beside this file. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HELP, readArgs } from './harness/args.mjs';
import { describeMachine, renderMachine, root } from './harness/machine.mjs';
import { runRounds } from './harness/rounds.mjs';
import { renderMarkdown, renderTable } from './harness/table.mjs';
import { renderTargets, verdict } from './harness/targets.mjs';

const here = join(root, 'bench');

process.exitCode = await main();

async function main() {
  let options;
  try {
    options = readArgs(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return 2;
  }
  const names = readdirSync(here).filter((name) => existsSync(join(here, name, 'suite.mjs')));
  if (options.help || !names.includes(options.name)) {
    const unknown = options.name === undefined ? '' : `no benchmark is called ${options.name}\n\n`;
    console.error(`${options.help ? '' : unknown}${HELP}\nBenchmarks: ${names.join(', ')}`);
    return options.help ? 0 : 2;
  }
  const { suite } = await import(`./${options.name}/suite.mjs`);
  const missing = suite.missing?.();
  if (missing) {
    console.log(`${options.name} skipped: ${missing}`);
    return 0;
  }
  const rows = select(suite, options);
  if (rows.length === 0) {
    console.error('nothing selected; --list prints the rows and contenders');
    return 2;
  }
  if (options.list) {
    for (const row of rows) console.log(`${row.id}: ${row.contenders.join(', ')}`);
    return 0;
  }
  return measure(suite, rows, options);
}

/** The rows asked for, each with the contenders asked for and those that the report cannot do without. */
function select(suite, options) {
  return suite
    .rows(options)
    .filter((row) => [row.id, ...(row.tags ?? [])].some(options.rows))
    .map((row) => {
      const asked = row.contenders.filter(options.only);
      const needed = row.contenders.filter((id) => asked.includes(id) || suite.always.includes(id));
      return { ...row, contenders: asked.length > 0 ? needed : [] };
    })
    .filter((row) => row.contenders.length > 0);
}

async function measure(suite, rows, options) {
  await suite.prepare?.(rows, progress);
  const machine = describeMachine(suite.packages);
  console.log(`${renderMachine(machine)}\n`);
  const results = await runRounds({
    child: suite.child,
    execArgv: suite.execArgv,
    rows,
    parallel: options.parallel,
    rounds: options.rounds ?? (options.quick ? suite.quickRounds : suite.rounds),
    timeout: suite.timeout,
    turns: suite.turns,
    progress,
  });
  suite.finish?.(options);
  const { tables, notes, data } = suite.report(rows, results);
  for (const table of tables) console.log(`${renderTable(table)}\n`);
  for (const note of notes) console.log(note);
  const targets = suite.targets(rows, results);
  if (options.check) console.log(`\n${renderTargets(targets)}`);
  const judged = targets.map((target) => ({ ...target, verdict: verdict(target) }));
  const { quick } = options;
  const record = { name: options.name, quick, rounds: results.rounds, machine, data, targets: judged };
  const text = `${JSON.stringify({ ...record, samples: results }, null, 1)}\n`;
  if (options.json) writeFileSync(options.json, text);
  if (options.save) {
    mkdirSync(join(here, 'results'), { recursive: true });
    writeFileSync(join(here, 'results', `${options.name}.json`), text);
  }
  if (options.markdown) writeFileSync(options.markdown, markdown(tables, notes, machine));
  const missed = options.check && judged.some((target) => target.verdict === 'MISS');
  return missed && options.strict ? 1 : 0;
}

function markdown(tables, notes, machine) {
  const parts = tables.map((table) => `${table.title}\n\n${renderMarkdown(table)}`);
  return `${[...parts, ...notes, renderMachine(machine)].join('\n\n')}\n`;
}

/** One line on the terminal that is overwritten; only failures stay, and only they are printed elsewhere. */
function progress(text) {
  const lasting = text.endsWith('\n');
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (lasting) process.stderr.write(text);
}
