/**
 * What instances publish to each other: keys that were written, that all was cleared, or that anything may have been
 * written. Each message has its sender and a number, so that a missing one is noticed by the next.
 */

/** A message. */
export type Message = { origin: string; number: number } & (
  | { kind: 'keys'; keys: readonly string[] }
  | { kind: 'clear' | 'flush' }
);

export function writeMessage(message: Message): string {
  const { origin, number, kind } = message;
  return JSON.stringify([1, origin, number, kind, ...(kind === 'keys' ? [message.keys] : [])]);
}

/** Reads a message; `undefined` if it is none of ours. */
export function readMessage(text: string): Message | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [version, origin, number, kind, keys] = parts as unknown[];
  if (version !== 1 || typeof origin !== 'string' || typeof number !== 'number') return undefined;
  if (kind === 'clear' || kind === 'flush') return { origin, number, kind };
  if (kind !== 'keys' || !Array.isArray(keys)) return undefined;
  return { origin, number, kind, keys: keys.filter((key): key is string => typeof key === 'string') };
}

/** Senders remembered; of more, the one that was silent for longest is forgotten. */
const MAX_SENDERS = 1000;

/** The number of the last message of each sender. */
export class Senders {
  readonly #last = new Map<string, number>();

  /** Whether messages are missing before this one. */
  isGap(origin: string, number: number): boolean {
    const last = this.#last.get(origin);
    this.#last.delete(origin);
    this.#last.set(origin, number);
    if (this.#last.size > MAX_SENDERS) this.#last.delete(this.#last.keys().next().value as string);
    return last !== undefined && number !== last + 1;
  }

  reset(): void {
    this.#last.clear();
  }
}
