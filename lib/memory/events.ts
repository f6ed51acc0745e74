/** Listeners of a feature's own events. What one throws becomes a process warning and stops neither the others nor us. */

import { invalidArgument } from '../errors';
import { guarded } from '../lifetime/report-error';
import { readCallable } from '../options';

export class Events<Map extends { [Name in keyof Map]: unknown }> {
  readonly #listeners: { [Name in keyof Map]: Set<(value: Map[Name]) => void> };
  readonly #accepted: string;

  constructor(names: readonly (keyof Map & string)[]) {
    this.#listeners = Object.fromEntries(names.map((name) => [name, new Set()])) as never;
    this.#accepted = names.map((name) => `"${name}"`).join(' or ');
  }

  add<Name extends keyof Map>(name: Name, listener: (value: Map[Name]) => void): void {
    readCallable('listener', listener);
    this.#of(name).add(listener);
  }

  remove<Name extends keyof Map>(name: Name, listener: (value: Map[Name]) => void): void {
    this.#of(name).delete(listener);
  }

  emit<Name extends keyof Map & string>(name: Name, value: Map[Name]): void {
    for (const listener of [...this.#of(name)]) {
      guarded(() => listener(value), `by a listener for '${name}'`, 'PLATEAU_LISTENER');
    }
  }

  #of<Name extends keyof Map>(name: Name): Set<(value: Map[Name]) => void> {
    if (!Object.hasOwn(this.#listeners, name)) throw invalidArgument('event', this.#accepted, name);
    return this.#listeners[name];
  }
}
