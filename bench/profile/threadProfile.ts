import type { Profiler } from 'node:inspector';
import { type Frame, isIdle, isInstrument, ownRoomOf, roomOf } from './rooms.js';

/** A place in the tree of stacks. Times are microseconds. */
export interface StackNode {
  readonly frame: Frame;
  readonly room: string;
  readonly selfUs: number;
  readonly children: readonly StackNode[];
}

/** What one thread did. */
export interface ThreadProfile {
  readonly thread: string;
  /** Processor time of the thread by the system's account, that of the instrument left out. */
  readonly cpuUs: number;
  /** How long the profile ran. */
  readonly durationUs: number;
  /** Below it is what ran; its times add up to `cpuUs`. */
  readonly root: StackNode;
}

/**
 * Reads a profile of V8. Its samples are taken by the wall clock, so that a thread that waits for a processor seems to
 * work: the times of what ran are scaled to the processor time that the system has counted, where it did.
 */
export function readThreadProfile(thread: string, profile: Profiler.Profile, cpuUs: number | undefined): ThreadProfile {
  const { samples = [], timeDeltas = [], nodes } = profile;
  const sampled = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    // A delta lies before its sample: what it found had run since the sample before.
    sampled.set(id, (sampled.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0));
  }
  const idle = new Set(nodes.filter(({ callFrame }) => isIdle(callFrame)).map(({ id }) => id));
  let busyUs = 0;
  for (const [id, us] of sampled) if (!idle.has(id)) busyUs += us;
  const scale = cpuUs === undefined || busyUs === 0 ? 1 : cpuUs / busyUs;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const isShown = (id: number): boolean => {
    const frame = byId.get(id)?.callFrame;
    return frame !== undefined && !isIdle(frame) && !isInstrument(frame);
  };
  const build = (node: Profiler.ProfileNode, parent: Frame | undefined): StackNode => ({
    frame: node.callFrame,
    room: roomOf(node.callFrame, parent),
    selfUs: (sampled.get(node.id) ?? 0) * scale,
    children: (node.children ?? [])
      .filter(isShown)
      .map((id) => build(byId.get(id) as Profiler.ProfileNode, node.callFrame)),
  });
  const root = build(nodes[0] as Profiler.ProfileNode, undefined);
  return { thread, cpuUs: totalUs(root), durationUs: profile.endTime - profile.startTime, root };
}

function totalUs({ selfUs, children }: StackNode): number {
  return children.reduce((sum, child) => sum + totalUs(child), selfUs);
}

/** Microseconds by room: where the processor was, and for which of our rooms (the nearest one that had called). */
export interface RoomTimes {
  readonly self: ReadonlyMap<string, number>;
  readonly charged: ReadonlyMap<string, number>;
}

const NOBODY = '(nobody of ours)';

export function timesByRoom({ root }: ThreadProfile): RoomTimes {
  const self = new Map<string, number>();
  const charged = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, us: number): void => {
    if (us > 0) map.set(key, (map.get(key) ?? 0) + us);
  };
  const walk = (node: StackNode, owner: string): void => {
    const nearest = ownRoomOf(node.frame) ?? owner;
    add(self, node.room, node.selfUs);
    add(charged, nearest, node.selfUs);
    for (const child of node.children) walk(child, nearest);
  };
  walk(root, NOBODY);
  return { self, charged };
}

/** The functions in which the processor was longest. */
export function timesByFunction({ root }: ThreadProfile): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const walk = ({ frame, room, selfUs, children }: StackNode): void => {
    const key = `${frame.functionName || '(anonymous)'}  ${room}${placeOf(frame)}`;
    times.set(key, (times.get(key) ?? 0) + selfUs);
    for (const child of children) walk(child);
  };
  walk(root);
  return times;
}

function placeOf({ url, lineNumber }: Frame): string {
  return url === '' ? '' : ` ${url.split('/').at(-1)}:${lineNumber + 1}`;
}
