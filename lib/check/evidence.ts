/** What is found out about what grows, and what it takes to find that out. */

import type { HeapComparison } from '../heap/types';
import type { Filling } from './bounded';
import type { Control } from './control';
import type { Load } from './load/types';
import type { CheckSettings } from './options';
import type { HandleGrowth, ListenerGrowth } from './protocol';
import type { Rounds } from './rounds';
import type { Series } from './series';
import type { AllocationSite, CheckFinding, Signal } from './types';

/** A floor after which nothing is left that is only kept for a while. */
export interface Settled {
  requests: number;
  value: number;
  /** What may stay of each request. */
  budget: number;
}

/** What was found out about what grows. */
export interface Evidence {
  /** Whether it is kept. */
  confirmed: boolean;
  /** What grows within a bound: where there is nothing else, it is no leak. */
  filling: Filling[];
  /** What was there when what is kept for a while had been let go of. */
  settled?: Settled;
  culprit: Series | undefined;
  signal: Signal | undefined;
  findings: CheckFinding[];
  comparison: HeapComparison | undefined;
  allocations: AllocationSite[];
  listeners: ListenerGrowth[];
  handles: HandleGrowth[];
  notes: string[];
}

export function noEvidence(): Evidence {
  return {
    confirmed: false,
    culprit: undefined,
    signal: undefined,
    filling: [],
    findings: [],
    comparison: undefined,
    allocations: [],
    listeners: [],
    handles: [],
    notes: [],
  };
}

export interface Context {
  settings: CheckSettings;
  control: Control;
  load: Load;
  rounds: Rounds;
  signal: AbortSignal;
  /** What is left of the timeout, in ms. */
  left: number;
}

/** What helps to explain a leak may fail without hiding it. */
export async function tryTo<T>(
  notes: string[],
  what: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    notes.push(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}
