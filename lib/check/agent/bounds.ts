/**
 * Whether an object has a bound on what it holds, asked of the live object by its number in the snapshots: numbers are in
 * no snapshot. Read are properties by the names that bounded caches and logs give them, of which none is a method.
 */

import type { HeapProfiler, Runtime } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { youngShare } from '../../memory/young';
import type { Bound, Bounds } from '../protocol';

type Post = (method: string, params: object) => Promise<unknown>;

/** Objects looked at, at most. */
const MOST = 200;

/**
 * Runs in the isolate, with the object as `this`. In bytes where it counts those, as lru-cache does with `maxSize`; else in
 * entries: lru-cache, tiny-lru, toad-cache, @isaacs/ttlcache (`max`), quick-lru (`maxSize`), lru_map (`limit`), mnemonist
 * (`capacity`), node-cache (`options.maxKeys`), and plateau's own.
 */
const READ = `function () {
  const read = (object, names) => {
    for (const name of names) {
      try {
        const value = object[name];
        if (typeof value === 'number' && value >= 1 && value < Infinity) return value;
      } catch {}
    }
  };
  const pair = (unit, object, sizes, limits, bounds = object) => {
    const held = read(object, sizes);
    const most = read(bounds, limits);
    return held !== undefined && most !== undefined && held <= most ? { unit, held, most } : undefined;
  };
  const some = (value) => (typeof value === 'object' && value !== null ? value : {});
  const found =
    pair('bytes', this, ['calculatedSize', 'bytes'], ['maxBytes', 'maxSize']) ??
    pair('entries', this, ['size', 'length', 'itemCount'],
      ['maxEntries', 'max', 'maxSize', 'maxItems', 'capacity', 'limit', 'maxKeys', 'maxLength']) ??
    pair('entries', some(this.stats), ['keys'], ['maxKeys'], some(this.options));
  if (found === undefined) return undefined;
  const tag = this[Symbol.toStringTag];
  const name = this.constructor?.name;
  return { ...found, is: String(typeof tag === 'string' && tag !== '' ? tag : name) };
}`;

/** The bounds of those objects that have one. */
export async function boundsOf(ids: readonly number[], post: Post): Promise<Bounds> {
  const bounds: Record<number, Bound> = {};
  for (const id of ids.slice(0, MOST)) {
    try {
      const found = (await post('HeapProfiler.getObjectByHeapObjectId', {
        objectId: String(id),
        objectGroup: 'plateau',
      })) as HeapProfiler.GetObjectByHeapObjectIdReturnType;
      const { objectId } = found.result;
      if (objectId === undefined) continue;
      const { result, exceptionDetails } = (await post('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: READ,
        returnByValue: true,
        silent: true,
      })) as Runtime.CallFunctionOnReturnType;
      if (exceptionDetails === undefined && result.value !== undefined) bounds[id] = result.value as Bound;
    } catch {
      // It is gone, or no object of the program's.
    }
  }
  await post('Runtime.releaseObjectGroup', { objectGroup: 'plateau' }).catch(() => {});
  const limit = getHeapStatistics().heap_size_limit;
  return { bounds, heapRoom: limit - youngShare(limit) };
}
