#!/usr/bin/env node
/**
 * `npx plateau <command>`. Commands that need no running program are Rust (`src/cli/`); those that drive Node are in the
 * table here. Exit codes: 0 fine, 1 a finding, 2 could not judge or bad usage.
 */

import { native } from '../native';
import { check } from './check';
import { watch } from './watch';

/** A command written in TypeScript. */
interface Command {
  /** One line for the help. */
  summary: string;
  /** Gets what follows the command's name; returns the exit code. */
  run(args: string[]): number | Promise<number>;
}

const commands = new Map<string, Command>([
  [
    'check',
    {
      summary: 'Starts an app, loads it, and says whether it leaks, what and where',
      run: check,
    },
  ],
  [
    'watch',
    {
      summary: 'Shows the dashboard of a running service, or the processes that record into a folder',
      run: watch,
    },
  ],
]);

async function main([name, ...rest]: string[]): Promise<number> {
  const command = name === undefined ? undefined : commands.get(name);
  if (command !== undefined) return command.run(rest);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const code = native.cliRun(rest.length > 0 ? ['help', ...rest] : ['--help']);
    // Without a command there is nothing to do: help, but not success.
    return name === undefined ? 2 : code + listOwn(rest);
  }
  // Blocks until it is done. That is what a command line is for, and a signal ends it as any other program: Node's
  // own handlers do not need the event loop.
  return native.cliRun([name, ...rest]);
}

/** Adds the commands of the table to the general help. */
function listOwn(asked: string[]): 0 {
  if (asked.length === 0 && commands.size > 0) {
    const lines = Array.from(commands, ([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
    process.stdout.write(`\nCommands that run with Node:\n${lines.join('\n')}\n`);
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`plateau: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
  },
);
