import { type Infer, s } from './shape.js';

/** How far a node is that fetches blocks which others have, and how long it takes. */

/** Nodes of which blocks are being fetched, in one answer. */
const MAX_SOURCES = 1_024;

export const catchUp = s.record({
  /** The height that more peers say they have than may be faulty. */
  targetHeight: s.integer(0),
  /** 0 while that is not known. */
  blocksPerSecond: s.integer(0),
  /** Null while that is not known, or while the network is faster than this node. */
  secondsLeft: s.nullable(s.integer(0)),
  sources: s.list(
    s.record({
      peerId: s.text(128),
      /** The height that it says it has. */
      headHeight: s.integer(0),
      /** Blocks that it gave. */
      blocks: s.integer(0),
      /** Ranges of blocks that it is being asked for. */
      asked: s.integer(0),
      /** It failed, and is not asked for a while. */
      benched: s.boolean,
    }),
    MAX_SOURCES,
  ),
});

export type CatchUpJson = Infer<typeof catchUp>;

/** `height 41,200 of 100,312, 950 blocks/s, about 1 min left` */
export function describeCatchUp(
  height: number,
  { targetHeight, blocksPerSecond, secondsLeft }: Omit<CatchUpJson, 'sources'>,
): string {
  const left = secondsLeft === null ? 'time left not known yet' : `about ${describeSeconds(secondsLeft)} left`;
  return `height ${grouped(height)} of ${grouped(targetHeight)}, ${grouped(blocksPerSecond)} blocks/s, ${left}`;
}

/** A duration as a person says it: `40 s`, `3 min`, `2 h 5 min`. */
function describeSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function grouped(value: number): string {
  return `${value}`.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
