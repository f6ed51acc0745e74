/**
 * Loading once for all worker threads of a process, where the local tier is a `SharedCache`: its `getOrLoad` has a lease
 * that is released when its worker dies. Where it is not, the lock in Redis serves as well, for a little more.
 */

import { now } from './clock';
import type { Core, Loaded } from './core';
import { isEntry } from './local';

/** What is used of a shared tier. */
interface Leasing {
  getOrLoad(key: string, loader: () => Promise<unknown>, options: { ttl: number }): Promise<unknown>;
}

/** Under which name what one worker has loaded is handed to the others, and for how long, ms. */
const LEASE = '\0plateau:lease:';
const LEASE_TTL = 250;

export async function overWorkers<V>(
  core: Core<V>,
  key: string,
  load: () => Promise<Loaded<V>>,
): Promise<Loaded<V>> {
  const tier = core.settings.local as Partial<Leasing>;
  if (!core.local.isShared || typeof tier.getOrLoad !== 'function') return load();
  let own: Promise<Loaded<V>> | undefined;
  try {
    const handed = await tier.getOrLoad(
      LEASE + key,
      async () => {
        own = load();
        return (await own)?.entry;
      },
      { ttl: LEASE_TTL },
    );
    if (own === undefined && isEntry<V>(handed) && isUsable(core, key, handed.a)) return { entry: handed };
  } catch {
    // Its own failure is told below; that of another worker, or of the lease, is a reason to load here.
  }
  return own ?? load();
}

function isUsable<V>(core: Core<V>, key: string, since: number): boolean {
  return core.coherence.covers(since, now()) && !core.local.isOutdated(key, since);
}
