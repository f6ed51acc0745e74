/**
 * From samples to stacks: what was allocated before the mark and is still there, summed up by the program's functions on them.
 *
 * The mark is an array of ours, so large that V8 has sampled it (the odds against are one in nine million): what has a lower
 * number than it was allocated before. That saves reading the profile twice, which would stop the event loop.
 */

import { isDependency, isOwn, isRuntime } from '../sites/call-site';
import type { RawFrame, RawNode, RawProfile } from './sampling';
import type { GrowthFrameKind, GrowthVerdict } from './types';

/** An array of as many intervals is not sampled once in e^16. */
const MARK_INTERVALS = 16;
const WORD = 8;
/** Fewer samples than this say little about when they were taken. */
const ENOUGH = 6;
/** Into so many parts the time before the mark is cut, by what was allocated. */
const PARTS = 4;

/** What was allocated by the same functions of the program. */
export interface Survivors {
  /** The stack that allocated most of it, innermost first. */
  frames: RawFrame[];
  /** How many stacks that are. */
  stacks: number;
  bytes: number;
  samples: number;
  verdict: GrowthVerdict;
  /** Functions called from there whose allocations survived as well. */
  callees: RawFrame[];
}

interface Sum {
  /** Of the program, innermost first. */
  chain: RawFrame[];
  /** By node, each of which is a stack. */
  bytes: Map<number, number>;
  samples: number;
  /** Samples in each part of the time before the mark, and those after it. */
  parts: number[];
  later: number;
}

/** The mark, to be kept until the profile is read. By its name it is found in it. */
export function plateauProfileMark(interval: number): unknown[] {
  return new Array(Math.ceil((MARK_INTERVALS * interval) / WORD)).fill(0);
}

/** By stack, or `undefined` where there is no mark: then these are not the samples that we began. */
export function survivorsOf({ head, samples }: RawProfile): Survivors[] | undefined {
  const stacks = stacksOf(head);
  let mark = Number.POSITIVE_INFINITY;
  for (const { nodeId, ordinal } of samples) {
    if (isMark(stacks.get(nodeId))) mark = Math.min(mark, ordinal);
  }
  if (mark === Number.POSITIVE_INFINITY) return undefined;
  const byNode = new Map<number, Sum>();
  const sums = new Map<string, Sum>();
  for (const { nodeId, size, ordinal } of samples) {
    let sum = byNode.get(nodeId);
    if (sum === undefined) {
      const chain = chainOf(framesOf(stacks.get(nodeId)));
      const key = chain.map(keyOf).join('\n');
      sum = sums.get(key) ?? {
        chain,
        bytes: new Map(),
        samples: 0,
        parts: new Array(PARTS).fill(0),
        later: 0,
      };
      sums.set(key, sum);
      byNode.set(nodeId, sum);
    }
    if (ordinal >= mark) {
      sum.later++;
      continue;
    }
    sum.bytes.set(nodeId, (sum.bytes.get(nodeId) ?? 0) + size);
    sum.samples++;
    const part = Math.min(PARTS - 1, Math.floor((PARTS * ordinal) / mark));
    sum.parts[part] = (sum.parts[part] as number) + 1;
  }
  const callees = calleesOf(sums);
  return [...sums]
    .filter(([, { samples }]) => samples > 0)
    .map(([key, { bytes, samples, parts, later }]) => {
      const [most] = [...bytes].reduce((a, b) => (b[1] > a[1] ? b : a));
      return {
        frames: framesOf(stacks.get(most)),
        stacks: bytes.size,
        bytes: [...bytes.values()].reduce((sum, part) => sum + part, 0),
        samples,
        verdict: judge(samples, parts, later),
        callees: callees.get(key) ?? [],
      };
    });
}

/**
 * What stacks have in common that belong together: the program's functions. Those of frameworks in between come and go as V8
 * compiles one into the other, so that one handler is called by ten stacks. Where there are none, what is nearest.
 */
function chainOf(frames: RawFrame[]): RawFrame[] {
  const own = frames.filter(({ url, scriptId }) => kindOf(url, scriptId) === 'program');
  if (own.length > 0) return own;
  for (const kind of ['dependency', 'node']) {
    const nearest = frames.find(({ url, scriptId }) => kindOf(url, scriptId) === kind);
    if (nearest !== undefined) return [nearest];
  }
  return frames.slice(0, 1);
}

/** By the functions that call them: those that V8 may since have compiled into the caller, so that theirs is told as its. */
function calleesOf(sums: Map<string, Sum>): Map<string, RawFrame[]> {
  const callees = new Map<string, RawFrame[]>();
  for (const { chain } of sums.values()) {
    const [callee] = chain;
    if (callee === undefined || chain.length < 2) continue;
    const caller = chain.slice(1).map(keyOf).join('\n');
    const known = callees.get(caller);
    if (known === undefined) callees.set(caller, [callee]);
    else known.push(callee);
  }
  return callees;
}

/** In the function itself, or in the constructor that it calls. */
function isMark(stack: Stack | undefined): boolean {
  const { name } = plateauProfileMark;
  return stack?.frame.functionName === name || stack?.above?.frame.functionName === name;
}

/**
 * Growth leaves something of every part of the time. With six samples it is in one part only once in a thousand times, and
 * nothing is there of the second half, which is as long, once in four hundred.
 */
function judge(samples: number, parts: number[], later: number): GrowthVerdict {
  if (samples < ENOUGH) return 'few samples';
  const occupied = parts.filter((count) => count > 0).length;
  return occupied === 1 || later === 0 ? 'once' : 'growing';
}

interface Stack {
  frame: RawFrame;
  above: Stack | undefined;
}

/** Of every node its frame and who called it. */
function stacksOf(head: RawNode): Map<number, Stack> {
  const stacks = new Map<number, Stack>();
  const open: Array<{ node: RawNode; above: Stack | undefined }> = head.children.map((node) => ({
    node,
    above: undefined,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, above } = next;
    const stack = { frame: node.callFrame, above };
    stacks.set(node.id, stack);
    for (const child of node.children) open.push({ node: child, above: stack });
  }
  return stacks;
}

/** Innermost first, without Node's own at the outer end: by which way the program was called does not matter. */
function framesOf(stack: Stack | undefined): RawFrame[] {
  const frames: RawFrame[] = [];
  let end = 0;
  for (let each = stack; each !== undefined; each = each.above) {
    frames.push(each.frame);
    const kind = kindOf(each.frame.url, each.frame.scriptId);
    if (kind === 'program' || kind === 'dependency') end = frames.length;
  }
  return end === 0 ? frames : frames.slice(0, end);
}

function keyOf({ functionName, scriptId, lineNumber, columnNumber }: RawFrame): string {
  return `${scriptId}:${lineNumber}:${columnNumber}:${functionName}`;
}

/** Whose code is in a file. V8's own is in none. */
export function kindOf(file: string, scriptId: string): GrowthFrameKind {
  if (file === '') return scriptId === '0' ? 'v8' : 'dependency';
  if (isRuntime(file)) return 'node';
  return isDependency(file) || isOwn(file) ? 'dependency' : 'program';
}
