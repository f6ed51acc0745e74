/** What is sent to the app. */

/** One request, as often as it comes around. */
export interface LoadRequest {
  method: string;
  /** Path and query, to what the app listens on; or a whole address. */
  target: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

/** Where the app listens. */
export interface Origin {
  /** `http://127.0.0.1:3000`. */
  url: string;
  /** Of a Unix socket or a named pipe, instead of the port. */
  socketPath?: string;
}

/** How it is sent. */
export interface Pace {
  connections: number;
  /** Requests per second in all; as fast as they are answered when undefined. */
  rate: number | undefined;
  /** Share of connections that are cut before their response is complete. */
  abortRatio: number;
}

/** What happened to the requests. */
export interface LoadCounts {
  sent: number;
  answered: number;
  cut: number;
  failed: number;
  statuses: Record<string, number>;
  failure: string | undefined;
}

export function noCounts(): LoadCounts {
  return { sent: 0, answered: 0, cut: 0, failed: 0, statuses: {}, failure: undefined };
}

/** A kind of load: sends a number of them, and counts what happens. */
export interface Load {
  /** What is asked of the app, for the report. */
  readonly targets: string[];
  readonly counts: LoadCounts;
  /** Resolves when all of them are done, failed ones included; rejects only when the signal aborts. */
  run(count: number, signal: AbortSignal): Promise<void>;
}
