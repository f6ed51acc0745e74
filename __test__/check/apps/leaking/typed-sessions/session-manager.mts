import { randomUUID } from 'node:crypto';

interface Options {
  /** Milliseconds. */
  maxAge: number;
}

type Preference = 'theme' | 'language' | 'timezone';

export class Session {
  readonly id: string = randomUUID();
  readonly preferences = new Map<Preference, string>();
  readonly opened: Date = new Date();
  readonly agent: string;

  constructor(agent: string) {
    this.agent = agent;
    this.preferences.set('theme', 'dark').set('language', 'en').set('timezone', 'UTC');
  }

  get age(): number {
    return Date.now() - this.opened.getTime();
  }
}

export class SessionManager {
  readonly #options: Options;
  readonly #sessions: Session[] = []; // leak

  constructor(options: Options) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.filter((session) => session.age < this.#options.maxAge).length;
  }

  /** Those that are too old are not counted any more, which is not the same as being gone. */
  open(agent: string): Session {
    const session = new Session(agent); // leak
    this.#sessions.push(session); // leak
    return session;
  }
}
