/** The options of a check, their defaults, and what is wrong with them. */

import { invalidOption, outOfRange, plateauTypeError } from '../errors';
import { readBoolean, readCount, readDuration, readKnown, readShare, readSignal } from '../options';
import { readBudget } from './budget';

/** Where a check is, told as it goes on. */
export interface CheckProgress {
  phase: 'starting' | 'warming up' | 'measuring' | 'confirming' | 'comparing';
  /** The round that is under way, from 1, while measuring. */
  round?: number;
  /** In words, with figures. */
  text: string;
}

/** Options of {@link runCheck}. */
export interface CheckOptions {
  /** The program and its arguments. */
  command: readonly string[];
  /**
   * Where it is started, and what relative paths are relative to.
   * @defaultValue `process.cwd()`
   */
  cwd?: string;
  /**
   * What is asked for, in turns: paths, or whole addresses.
   * @defaultValue `['/']`
   */
  urls?: readonly string[];
  /**
   * @defaultValue `GET`, with a body `POST`
   */
  method?: string;
  /** Sent with each request. */
  headers?: Readonly<Record<string, string>>;
  /** Sent with each request. */
  body?: string;
  /**
   * How many requests are under way at a time.
   * @defaultValue 10
   */
  connections?: number;
  /** Requests per second; as fast as they are answered when left out. */
  rate?: number;
  /**
   * Share of requests, from 0 to 1, whose connection is cut before the answer is complete.
   * @defaultValue 0
   */
  abortRatio?: number;
  /** A HAR file with the requests. */
  har?: string;
  /** A script whose default export is called once per iteration. */
  scenario?: string;
  /** Paths on which WebSockets are opened. */
  websocket?: readonly string[];
  /**
   * What is sent over each WebSocket.
   * @defaultValue `hello`
   */
  message?: string;
  /** The port to load, where the app listens on several. */
  port?: number;
  /**
   * Growth per request that is still fine, in bytes.
   * @defaultValue 50
   */
  maxGrowth?: number;
  /**
   * Share of requests that may fail or be answered with 5xx.
   * @defaultValue 0.05
   */
  maxErrors?: number;
  /** Requests per round; as many as the app answers in about 1.5 seconds when left out. */
  requests?: number;
  /**
   * Rounds, at least; at most 5 fewer than `maxRounds`.
   * @defaultValue 8
   */
  rounds?: number;
  /**
   * Rounds, at most.
   * @defaultValue 40
   */
  maxRounds?: number;
  /**
   * How long all of it may take, in ms.
   * @defaultValue 300,000
   */
  timeout?: number;
  /**
   * How long the app may take until it listens, in ms.
   * @defaultValue 30,000
   */
  startTimeout?: number;
  /**
   * How long something has to be kept to count as a leak, in ms, from the first request on. Longer when the app sets longer
   * timers, up to twice this: a cache may let go of its entries by them.
   * @defaultValue 30,000
   */
  patience?: number;
  /**
   * Whether what leaks is looked for in snapshots.
   * @defaultValue true
   */
  snapshots?: boolean;
  /** A folder in which the snapshots are left. */
  keepSnapshots?: string;
  /** Shows what the app prints, on stderr. */
  showOutput?: boolean;
  /** Ends the check: its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told how far it is. */
  onProgress?: (progress: CheckProgress) => void;
}

/** Options with their defaults. */
export type CheckSettings = Required<
  Omit<
    CheckOptions,
    'rate' | 'body' | 'har' | 'scenario' | 'port' | 'requests' | 'keepSnapshots' | 'signal' | 'method'
  >
> &
  Pick<
    CheckOptions,
    'rate' | 'body' | 'har' | 'scenario' | 'port' | 'requests' | 'keepSnapshots' | 'signal' | 'method'
  >;

const NAMES = [
  ...['command', 'cwd', 'urls', 'method', 'headers', 'body', 'connections', 'rate', 'abortRatio', 'har'],
  ...[
    'scenario',
    'websocket',
    'message',
    'port',
    'maxGrowth',
    'maxErrors',
    'requests',
    'rounds',
    'maxRounds',
  ],
  ...[
    'timeout',
    'startTimeout',
    'patience',
    'snapshots',
    'keepSnapshots',
    'showOutput',
    'signal',
    'onProgress',
  ],
] as Array<keyof CheckOptions>;

/**
 * Checks options and fills in defaults.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION`, RangeError `PLATEAU_OUT_OF_RANGE`
 */
export function readCheckOptions(given: CheckOptions): CheckSettings {
  const options = readKnown(given, NAMES) as CheckOptions;
  const { command, urls = ['/'], headers = {}, websocket = [] } = options;
  if (!isTexts(command) || command.length === 0 || command[0] === '') {
    throw invalidOption('command', 'an array of strings: a program and its arguments', command);
  }
  if (!isTexts(urls) || urls.length === 0) throw invalidOption('urls', 'an array of strings', urls);
  if (!isTexts(websocket)) throw invalidOption('websocket', 'an array of strings', websocket);
  for (const [name, list] of [
    ['urls', urls],
    ['websocket', websocket],
  ] as const) {
    for (const url of list) readTarget(name, url);
  }
  if (typeof headers !== 'object' || headers === null) throw invalidOption('headers', 'an object', headers);
  for (const name of ['cwd', 'method', 'body', 'har', 'scenario', 'message', 'keepSnapshots'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'string') throw invalidOption(name, 'a string', value);
  }
  const { method, har, scenario, maxGrowth = 50, port } = options;
  if (method !== undefined && !/^[A-Za-z-]+$/.test(method))
    throw invalidOption('method', 'an HTTP method', method);
  if ([har, scenario, websocket.length > 0 || undefined].filter((each) => each !== undefined).length > 1) {
    throw plateauTypeError('PLATEAU_INVALID_OPTION', 'har, scenario and websocket exclude each other');
  }
  readBudget('maxGrowth', maxGrowth);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw outOfRange('port', 'a port from 1 to 65535', port);
  }
  const [rounds, maxRounds] = [
    readCount('rounds', options.rounds ?? 8),
    readCount('maxRounds', options.maxRounds ?? 40),
  ];
  if (rounds > maxRounds) throw outOfRange('rounds', `at most maxRounds (${maxRounds})`, rounds);
  return {
    ...options,
    command,
    cwd: options.cwd ?? process.cwd(),
    urls,
    headers,
    websocket,
    message: options.message ?? 'hello',
    connections: readCount('connections', options.connections ?? 10),
    ...(options.rate === undefined ? {} : { rate: readRate(options.rate) }),
    ...(options.requests === undefined ? {} : { requests: readCount('requests', options.requests) }),
    abortRatio: readShare('abortRatio', options.abortRatio ?? 0, true),
    maxErrors: readShare('maxErrors', options.maxErrors ?? 0.05, true),
    maxGrowth,
    rounds,
    maxRounds,
    timeout: readDuration('timeout', options.timeout ?? 300_000),
    startTimeout: readDuration('startTimeout', options.startTimeout ?? 30_000),
    patience: options.patience === 0 ? 0 : readDuration('patience', options.patience ?? 30_000),
    snapshots: options.snapshots === undefined ? true : readBoolean('snapshots', options.snapshots),
    showOutput: readBoolean('showOutput', options.showOutput),
    onProgress: options.onProgress ?? (() => {}),
    ...(options.signal === undefined ? {} : { signal: readSignal(options.signal) as AbortSignal }),
  };
}

function readRate(value: unknown): number {
  if (typeof value !== 'number') throw invalidOption('rate', 'a number of requests per second', value);
  if (!(value > 0 && value < 1e6))
    throw outOfRange('rate', 'from above 0 to a million requests per second', value);
  return value;
}

function readTarget(name: string, url: string): void {
  const whole = URL.canParse(url) ? new URL(url) : undefined;
  if (whole === undefined ? url.startsWith('/') : /^(?:https?|wss?):$/.test(whole.protocol)) return;
  throw invalidOption(name, 'paths, such as /cart, or http addresses', url);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
