/** A real Prometheus, and its tool: from the distribution's package, which CI installs. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support';

/** Why tests that need it are left out; `.ci/run` lets none be. */
export const withoutPrometheus: string | false =
  process.env.PLATEAU_TEST_ALL || spawnSync('promtool', ['--version']).status === 0
    ? false
    : 'there is no Prometheus here: apt-get install prometheus';

/** Runs promtool; fails when it does, or says anything on stderr. Returns what it printed. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  assert.equal(error, undefined);
  assert.equal(status, 0, `promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  assert.equal(stderr, '', 'promtool warns');
  return stdout;
}

/** A folder that is removed after the test. */
export function temporary(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-metrics-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An alert as the server's API has it. */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
}

export class Prometheus {
  readonly #origin: string;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.#origin = origin;
    this.#child = child;
  }

  /** Starts a server in `folder` that scrapes `targets` (host:port by job) every second and evaluates `rules`. */
  static async start(
    folder: string,
    { targets, rules }: { targets: Record<string, string>; rules: string },
  ): Promise<Prometheus> {
    writeFileSync(join(folder, 'rules.yml'), rules);
    const jobs = Object.entries(targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    }));
    // JSON is YAML too.
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: jobs,
    };
    const file = join(folder, 'prometheus.yml');
    writeFileSync(file, JSON.stringify(config));
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const server = new Prometheus(`http://127.0.0.1:${port}`, child);
    for (let tries = 0; !(await server.#isReady()); tries++) {
      assert.equal(child.exitCode, null, `prometheus ended: ${said}`);
      assert.ok(tries < 300, `prometheus does not answer: ${said}`);
      await sleep(100);
    }
    return server;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#origin}/-/ready`)).ok;
    } catch {
      return false;
    }
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#origin}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    assert.equal(status, 'success', error);
    return data;
  }

  /** Alerts that are pending or firing. */
  async alerts(): Promise<Alert[]> {
    return (await this.#get<{ alerts: Alert[] }>('alerts')).alerts;
  }

  /** The values of an instant query. */
  async query(expression: string): Promise<number[]> {
    type Vector = { result: { value: [time: number, value: string] }[] };
    const { result } = await this.#get<Vector>(`query?query=${encodeURIComponent(expression)}`);
    return result.map(({ value }) => Number(value[1]));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
