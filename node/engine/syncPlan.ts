import { invariant } from '../../primitives/errors.js';
import { type SyncFault, SyncPeers, type SyncPeersOptions } from './syncPeers.js';

export interface SyncPlanOptions extends SyncPeersOptions {
  /** Blocks that one question asks for. */
  readonly rangeBlocks: number;
  /** Bytes that one answer may take; so many are set aside for each question. */
  readonly answerBytes: number;
  /** Questions that are open at once, and one more for the range that everything waits for. */
  readonly maxQuestions: number;
  /** Ranges that are asked for, held, or being proven and committed at once. */
  readonly maxRanges: number;
  /** Bytes of answers, expected and held, at once. */
  readonly maxBytes: number;
  /** After so long the range that everything waits for is asked of a second peer. */
  readonly hedgeMs: number;
}

/** One question to one peer. */
export interface Question {
  readonly id: number;
  readonly peerId: string;
  readonly fromHeight: number;
  readonly count: number;
}

/** An answer that is next in line. */
export interface HeldRange<A> {
  readonly peerId: string;
  readonly fromHeight: number;
  readonly count: number;
  readonly bytes: number;
  readonly answer: A;
}

interface OpenQuestion extends Question {
  readonly range: Range<unknown>;
  readonly askedMs: number;
}

/** Neighbouring heights that are fetched together: missing while nobody is asked and nothing is held. */
interface Range<A> {
  readonly fromHeight: number;
  count: number;
  readonly questions: Set<number>;
  held: HeldRange<A> | undefined;
}

/**
 * Which range is asked of whom, and what follows from an answer, a failure or a silence. Ranges are handed over in the
 * order of their heights, however they came. Pure: told the time, asked what to do next; whoever runs it does the
 * asking, proving and committing.
 *
 * Bounded: `maxQuestions`, `maxRanges`, `maxBytes`. What stands in line later gives way where the first would not find
 * room, so that the first is never kept from being asked.
 */
export class SyncPlan<A> {
  readonly peers: SyncPeers;
  /** From the first height that is not handed over on, without a gap. */
  private ranges: Range<A>[] = [];
  private readonly questions = new Map<number, OpenQuestion>();
  private readonly handedOver = new Set<HeldRange<A>>();
  private lastId = 0;

  constructor(
    private readonly options: SyncPlanOptions,
    private nextHeight: number,
  ) {
    this.peers = new SyncPeers(options);
  }

  /** Bytes of answers, expected, held, and being proven and committed. */
  get bytes(): number {
    let bytes = this.questions.size * this.options.answerBytes;
    for (const { held } of this.ranges) bytes += held?.bytes ?? 0;
    for (const range of this.handedOver) bytes += range.bytes;
    return bytes;
  }

  /** True while something is asked for, held, or being proven and committed. */
  get isBusy(): boolean {
    return this.questions.size > 0 || this.handedOver.size > 0 || this.ranges.some(({ held }) => held !== undefined);
  }

  /** What to ask now. The questions count as asked. */
  ask(nowMs: number): readonly Question[] {
    const asked: Question[] = [];
    for (let next = this.askNext(nowMs); next !== undefined; next = this.askNext(nowMs)) asked.push(next);
    return asked;
  }

  private askNext(nowMs: number): Question | undefined {
    // One question more for the range that everything waits for.
    if (this.questions.size > this.options.maxQuestions) return undefined;
    let isFirst = true;
    for (const range of this.ranges) {
      if (range.held !== undefined) continue;
      const question = this.askFor(range, isFirst, nowMs);
      if (question !== undefined) return question;
      isFirst = false;
    }
    return this.extend(isFirst, nowMs);
  }

  private askFor(range: Range<A>, isFirst: boolean, nowMs: number): Question | undefined {
    const open = [...range.questions].map((id) => this.questions.get(id) as OpenQuestion);
    const isHedged = open.length > 1 || (open[0] !== undefined && nowMs - open[0].askedMs < this.options.hedgeMs);
    if (open.length > 0 && (!isFirst || isHedged)) return undefined;
    if (!isFirst && this.isFull) return undefined;
    const peerId = this.peers.choose(range.fromHeight, nowMs, new Set(open.map((question) => question.peerId)));
    if (peerId === undefined || !this.findRoom(range, isFirst && open.length === 0)) return undefined;
    return this.open(range, peerId, nowMs);
  }

  private get isFull(): boolean {
    return this.questions.size >= this.options.maxQuestions;
  }

  /** Asks for what follows the last range. */
  private extend(isFirst: boolean, nowMs: number): Question | undefined {
    if (this.isFull || this.ranges.length + this.handedOver.size >= this.options.maxRanges) return undefined;
    const last = this.ranges.at(-1);
    const fromHeight = last === undefined ? this.nextHeight : last.fromHeight + last.count;
    const peerId = this.peers.choose(fromHeight, nowMs, new Set());
    if (peerId === undefined) return undefined;
    const count = Math.min(this.options.rangeBlocks, this.peers.headHeightOf(peerId) - fromHeight + 1);
    const range: Range<A> = { fromHeight, count, questions: new Set(), held: undefined };
    if (!this.findRoom(range, isFirst)) return undefined;
    this.ranges.push(range);
    return this.open(range, peerId, nowMs);
  }

  /** Whether one more answer fits; for the first in line, what was fetched for later is let go of, the last first. */
  private findRoom(range: Range<A>, mayEvict: boolean): boolean {
    const { answerBytes, maxBytes } = this.options;
    if (this.bytes + answerBytes <= maxBytes) return true;
    if (!mayEvict) return false;
    for (const later of this.ranges.toReversed()) {
      if (later === range || later.fromHeight < range.fromHeight) break;
      later.held = undefined;
      if (this.bytes + answerBytes <= maxBytes) return true;
    }
    return false;
  }

  private open(range: Range<A>, peerId: string, nowMs: number): Question {
    const question = { id: ++this.lastId, peerId, fromHeight: range.fromHeight, count: range.count };
    this.questions.set(question.id, { ...question, range, askedMs: nowMs });
    range.questions.add(question.id);
    this.peers.asking(peerId);
    return question;
  }

  /**
   * A peer gave so many blocks, of which nothing is known yet but that they are as many as asked for or fewer. What is
   * missing at the end becomes a range of its own.
   */
  answered(id: number, answer: A, size: { readonly count: number; readonly bytes: number }, nowMs: number): void {
    const question = this.close(id);
    if (question === undefined) return;
    const { peerId, range, fromHeight } = question;
    invariant(size.count >= 1 && size.count <= question.count, 'an answer has no more blocks than were asked for');
    this.peers.answered(peerId, size.count, nowMs - question.askedMs);
    const position = this.ranges.indexOf(range as Range<A>);
    const waiting = this.ranges[position];
    // Somebody else was faster, or consensus has passed it.
    if (waiting === undefined || waiting.held !== undefined) return;
    const bytes = Math.min(size.bytes, this.options.answerBytes);
    waiting.held = { peerId, fromHeight, count: size.count, bytes, answer };
    if (size.count === waiting.count) return;
    const rest = { fromHeight: fromHeight + size.count, count: waiting.count - size.count };
    waiting.count = size.count;
    this.ranges.splice(position + 1, 0, { ...rest, questions: new Set(), held: undefined });
  }

  /** A question ended without blocks. */
  failed(id: number, fault: SyncFault, nowMs: number): void {
    const question = this.close(id);
    if (question === undefined) return;
    this.peers.failed(question.peerId, fault, question.fromHeight, nowMs);
    this.trim();
  }

  private close(id: number): OpenQuestion | undefined {
    const question = this.questions.get(id);
    this.questions.delete(id);
    question?.range.questions.delete(id);
    return question;
  }

  /** Hands over the next answer in line, if it is there. It is counted until `release` or `reject`. */
  take(): HeldRange<A> | undefined {
    const held = this.ranges[0]?.held;
    if (held === undefined) return undefined;
    this.ranges.shift();
    this.nextHeight = held.fromHeight + held.count;
    this.handedOver.add(held);
    return held;
  }

  /** The blocks of the range are committed, or needed no more. */
  release(range: HeldRange<A>): void {
    this.handedOver.delete(range);
  }

  /**
   * The range handed over last does not hold, or could not be proven: its heights from `fromHeight` on are missing
   * again. Of a peer that lied, nothing else is waited for either.
   */
  reject(range: HeldRange<A>, fromHeight: number, fault: SyncFault, nowMs: number): void {
    this.handedOver.delete(range);
    this.peers.blame(range.peerId, fault, fromHeight, nowMs);
    if (fault === 'lie') {
      for (const other of this.ranges) if (other.held?.peerId === range.peerId) other.held = undefined;
    }
    const endHeight = range.fromHeight + range.count;
    if (fromHeight < endHeight && endHeight === this.nextHeight) {
      this.ranges.unshift({ fromHeight, count: endHeight - fromHeight, questions: new Set(), held: undefined });
      this.nextHeight = fromHeight;
    }
    this.trim();
  }

  /** The chain's head is there, by whatever way. */
  advance(headHeight: number): void {
    this.ranges = this.ranges.filter(({ fromHeight, count }) => fromHeight + count - 1 > headHeight);
    const [first] = this.ranges;
    if (first === undefined) this.nextHeight = Math.max(this.nextHeight, headHeight + 1);
    else this.nextHeight = first.fromHeight;
  }

  /** Lets go of ranges at the end of which nothing came: they are planned anew, for whoever has them then. */
  private trim(): void {
    for (let last = this.ranges.at(-1); last !== undefined; last = this.ranges.at(-1)) {
      if (last.questions.size > 0 || last.held !== undefined) return;
      this.ranges.pop();
    }
  }

  /** When to look again though nothing happened: undefined when only an answer or a claim can change anything. */
  nextLookMs(nowMs: number): number | undefined {
    const returnsMs = this.peers.nextReturnMs(this.ranges[0]?.fromHeight ?? this.nextHeight, nowMs);
    const first = this.ranges.find(({ held }) => held === undefined);
    const [id] = first?.questions ?? [];
    const open = id === undefined ? undefined : this.questions.get(id);
    const hedgeMs = open === undefined || first?.questions.size !== 1 ? undefined : open.askedMs + this.options.hedgeMs;
    const times = [returnsMs, hedgeMs].filter((time) => time !== undefined && time > nowMs) as number[];
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
