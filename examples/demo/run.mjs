/**
 * `npm run demo`: an app that leaks and the same app with plateau, side by side under real HTTP traffic.
 * What the apps are is in ../README.md, how they are compared in ./measure.mjs.
 */

import { relative } from 'node:path';
import asciichart from 'asciichart';
import { DemoError } from './app.mjs';
import { drawChart } from './chart.mjs';
import { writePrivate } from './files.mjs';
import { describeMachine } from './machine.mjs';
import { measure } from './measure.mjs';
import { HELP, readOptions, UsageError } from './options.mjs';
import { renderPage } from './page.mjs';
import { createProgress } from './progress.mjs';
import { SAMPLED_HEAD, SAMPLED_TITLE, sampledMethod, sampledTable, sampledVerdicts } from './samplers.mjs';
import { renderTable, wrap } from './terminal.mjs';
import { diagnosis, disturbance, method, TABLE_HEAD, table, verdicts } from './words.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./result.mjs').Result} Result */

/** What a shell reports for a program that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const stop = new AbortController();
for (const [signal, exitCode] of Object.entries(SIGNALS)) {
  // Once: who asks a second time gets it the system's way, and the apps notice that the demo is gone.
  process.once(signal, () => stop.abort(exitCode));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else await main(options);
} catch (error) {
  process.exitCode = explain(error);
}

/** @param {Options} options */
async function main({ seconds, verdict, html, json, color }) {
  const progress = createProgress(seconds);
  /** @type {Result} */
  let result;
  try {
    result = await measure({
      seconds,
      verdict,
      signal: stop.signal,
      onProgress: progress.measuring,
      // At once: who cannot wait for the verdicts has seen the rest.
      onMeasured(measured) {
        progress.stop();
        printMeasured(measured, color);
      },
      onWaiting: progress.waiting,
    });
  } finally {
    progress.stop();
  }
  printSampled(result, color);

  const machine = describeMachine();
  if (json !== undefined) {
    const path = writePrivate(json, `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
    console.log(`JSON  ${shorter(path)}`);
  }
  console.log(`page  ${shorter(writePrivate(html, renderPage(result, machine)))}`);
  console.log('fix   diff examples/leaky-app examples/fixed-app');
}

/**
 * @param {Result} result
 * @param {boolean} color
 */
function printMeasured(result, color) {
  const columns = process.stdout.columns || 80;
  console.log(`${drawChart(result, { columns, color })}\n`);
  console.log(`${renderTable([TABLE_HEAD, ...table(result)], columns).join('\n')}\n`);
  printChecks(verdicts(result), columns, color);
  const { title, lines } = diagnosis(result);
  if (lines.length > 0)
    console.log(`\n${title}\n${lines.map((line) => wrap(`  ${line}`, columns, '    ')).join('\n')}`);
  console.log(`\n${wrap(method(result), columns)}`);
  const warning = disturbance(result);
  if (warning !== undefined) console.log(wrap(warning, columns));
  console.log();
}

/**
 * @param {Result} result
 * @param {boolean} color
 */
function printSampled({ sampled }, color) {
  if (sampled === undefined) return;
  const columns = process.stdout.columns || 80;
  console.log(`${wrap(SAMPLED_TITLE, columns)}\n`);
  console.log(`${renderTable([SAMPLED_HEAD, ...sampledTable(sampled)], columns).join('\n')}\n`);
  printChecks(sampledVerdicts(sampled), columns, color);
  console.log(`\n${wrap(sampledMethod(sampled), columns)}\n`);
}

/**
 * @param {{ good: boolean, text: string }[]} checks
 * @param {number} columns
 * @param {boolean} color
 */
function printChecks(checks, columns, color) {
  for (const { good, text } of checks) {
    const mark = color
      ? asciichart.colored(good ? '✔' : '✘', good ? asciichart.green : asciichart.yellow)
      : '';
    // Wrapped without the colour, which has no width.
    console.log(wrap(`${good ? '✔' : '✘'} ${text}`, columns, '  ').replace(/^./, (plain) => mark || plain));
  }
}

/**
 * Says what went wrong, and returns the exit code for it.
 *
 * @param {unknown} error
 */
function explain(error) {
  if (stop.signal.aborted) {
    console.error('stopped');
    return stop.signal.reason;
  }
  if (error instanceof UsageError) {
    console.error(`demo: ${error.message}\n\n${HELP}`);
    return 2;
  }
  console.error(error instanceof DemoError ? `demo: ${error.message}` : error);
  return 1;
}

/** @param {string} path */
function shorter(path) {
  const here = relative('', path);
  return here.startsWith('..') ? path : here;
}
