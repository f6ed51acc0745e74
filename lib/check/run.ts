/**
 * A check from start to end: starts the app, warms it up, loads it in rounds with forced collections between them,
 * judges the floors after each, and where they grow, makes sure and looks for what it is. See `docs/design/check.md`.
 */

import { join } from 'node:path';
import { App } from './app';
import { confirm } from './confirm';
import { Control } from './control';
import { type Evidence, noEvidence } from './evidence';
import { CheckFailure } from './failure';
import { readHar } from './load/har';
import { HttpLoad } from './load/http';
import { readScenario, ScenarioLoad } from './load/scenario';
import type { Load, Origin } from './load/types';
import { type CheckOptions, type CheckSettings, readCheckOptions } from './options';
import { checkRounds, type Rounds } from './rounds';
import { refuseTakenPort, type Surroundings, waitForServer } from './targets';
import type { CheckReport } from './types';
import { reportOf } from './verdict';

/** Ends what is left of a check as the process exits, when nothing asynchronous runs any more. */
const running = new Set<() => void>();
process.on('exit', () => {
  for (const end of running) end();
});

/**
 * Checks an app. Resolves also when it could not judge (`unclear`); processes and files of it are gone by then.
 *
 * @throws TypeError, RangeError for options that are wrong; rejects with the signal's reason when that aborts
 */
export async function runCheck(options: CheckOptions): Promise<CheckReport> {
  const settings = readCheckOptions(options);
  const startedAt = new Date();
  const began = performance.now();
  const limit = AbortSignal.timeout(settings.timeout);
  // Whatever still goes on when it is over, such as a wait for a server of an app that has ended, ends with it.
  const over = new AbortController();
  const signal = AbortSignal.any([
    limit,
    over.signal,
    ...(settings.signal === undefined ? [] : [settings.signal]),
  ]);
  let outcome: Outcome;
  try {
    outcome = await attempt(settings, signal, began);
  } catch (error) {
    settings.signal?.throwIfAborted();
    if (limit.aborted) outcome = failed(`it took longer than the timeout of ${settings.timeout / 1000} s`);
    else if (error instanceof CheckFailure) outcome = failed(error.message);
    else throw error;
  } finally {
    over.abort(new CheckFailure('the check is over'));
  }
  return reportOf(settings, outcome, {
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - began) / 1000,
  });
}

/** What a check came to. */
export interface Outcome {
  /** Why it could not judge, where it could not. */
  failure: string | undefined;
  load: Load | undefined;
  rounds: Rounds | undefined;
  evidence: Evidence;
  /** What a reader should know of the choice that was made. */
  notes: string[];
}

function failed(failure: string): Outcome {
  return { failure, load: undefined, rounds: undefined, evidence: noEvidence(), notes: [] };
}

async function attempt(settings: CheckSettings, signal: AbortSignal, began: number): Promise<Outcome> {
  const parts = await prepare(settings);
  await refuseTakenPort(settings);
  const control = new Control();
  let app: App | undefined;
  const end = (): void => {
    app?.kill();
    control.close();
  };
  running.add(end);
  try {
    await control.open();
    settings.onProgress({ phase: 'starting', text: `starting ${settings.command.join(' ')}` });
    app = new App(
      {
        command: settings.command,
        agent: join(__dirname, 'check-agent.cjs'),
        socket: control.path,
        cwd: settings.cwd,
        showOutput: settings.showOutput,
      },
      () => [...control.isolates].map(({ hello }) => hello.pid),
    );
    return await orDead(app, measure(settings, parts, control, app, signal, began), signal);
  } finally {
    await app?.stop();
    end();
    running.delete(end);
  }
}

/** What can be wrong before the app is started is found before it is started. */
async function prepare(settings: CheckSettings): Promise<(origin: Origin) => Promise<Load>> {
  const { scenario, har, websocket, cwd, connections, rate, abortRatio, headers } = settings;
  const pace = { connections, rate, abortRatio };
  if (scenario !== undefined) {
    const script = await readScenario(scenario, cwd);
    return async (origin) => new ScenarioLoad(script, scenario, origin, pace);
  }
  if (websocket.length > 0) {
    return async (origin) => {
      // Only here: the client is a part of its own, which other checks do not load.
      const { WebSocketLoad } = await import('./load/websocket.js');
      return new WebSocketLoad(websocket, settings.message, { ...headers }, origin, pace);
    };
  }
  const { urls, body, method = body === undefined ? 'GET' : 'POST' } = settings;
  const requests =
    har === undefined
      ? urls.map((target) => ({ method, target, headers: { ...headers }, body }))
      : readHar(har, cwd).map((each) => ({ ...each, headers: { ...each.headers, ...headers } }));
  return async (origin) => new HttpLoad(requests, origin, pace);
}

async function measure(
  settings: CheckSettings,
  makeLoad: (origin: Origin) => Promise<Load>,
  control: Control,
  app: App,
  signal: AbortSignal,
  began: number,
): Promise<Outcome> {
  const around: Surroundings = { printed: () => app.lastWords, notes: [] };
  const origin = await waitForServer(control, settings, around, signal);
  const load = await makeLoad(origin);
  const outcome: Outcome = {
    failure: undefined,
    load,
    rounds: undefined,
    evidence: noEvidence(),
    notes: around.notes,
  };
  try {
    const rounds = await checkRounds(settings, control, load, signal, async (each) => {
      outcome.rounds = each;
      const left = settings.timeout - (performance.now() - began);
      outcome.evidence = await confirm({ settings, control, load, rounds: each, signal, left });
      return outcome.evidence;
    });
    outcome.rounds = rounds;
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    outcome.failure = error.message;
  }
  return outcome;
}

/** The app's end explains whatever else went wrong at the same time. */
async function orDead(app: App, work: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  work.catch(() => {});
  const outcome = await Promise.race([work, app.died, aborted]);
  if (outcome.failure === undefined) return outcome;
  // It is about to be heard of.
  const died = await Promise.race([
    app.died.catch((error: Error) => error.message),
    new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), 500)),
  ]);
  return died === undefined ? outcome : { ...outcome, failure: died };
}
