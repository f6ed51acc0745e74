/** What a thing is by its methods: so anything of that shape will do, of any framework and any version. */

/** Node's emitters, as little of them as is needed. */
export interface EmitterLike {
  // biome-ignore lint/suspicious/noExplicitAny: emitters declare the arguments of their events in many ways
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  removeListener(event: any, listener: (...args: any[]) => void): unknown;
}

/** The web's. */
export interface TargetLike {
  // biome-ignore lint/suspicious/noExplicitAny: the same
  addEventListener(type: any, listener: (event: any) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  removeEventListener(type: any, listener: (event: any) => void): void;
}

interface Destroyable {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
}

/** Whether it is an object or a function, which alone can be anything below. */
export function isObject(it: unknown): it is object {
  return (typeof it === 'object' && it !== null) || typeof it === 'function';
}

/** Listeners can be added and removed as with an EventEmitter. */
export function isEmitter(it: object): it is EmitterLike {
  const { on, removeListener } = it as Partial<EmitterLike>;
  return typeof on === 'function' && typeof removeListener === 'function';
}

/** The same as with an EventTarget. */
export function isTarget(it: object): it is TargetLike {
  const { addEventListener, removeEventListener } = it as Partial<TargetLike>;
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}

/** A stream or socket, besides being an emitter. */
export function isDestroyable(it: object): it is Destroyable {
  const { destroy, destroyed } = it as Partial<Destroyable>;
  return typeof destroy === 'function' && typeof destroyed === 'boolean';
}
