import type { CodedError } from '../../primitives/errors.js';
import type { SignatureCheck } from './types.js';

/** One call's checks, and where its answers go. */
export interface CheckRequest {
  readonly checks: readonly SignatureCheck[];
  /** Positions of the checks that a worker must answer. */
  readonly positions: readonly number[];
  readonly answers: boolean[];
  unanswered: number;
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: CodedError) => void;
}

/** Positions `from` to `from + count` of a request, as one job holds them. */
export interface CheckSegment {
  readonly request: CheckRequest;
  readonly from: number;
  readonly count: number;
}

/** Rejects a request unless its fate is settled: one job of it may have died while others ran. */
export function rejectRequest(request: CheckRequest, error: CodedError): void {
  if (request.settled) return;
  request.settled = true;
  request.reject(error);
}

/** A bounded first-in first-out queue of checks, given out in segments that may be smaller than a request. */
export class CheckQueue {
  private requests: CheckRequest[] = [];
  /** Requests before this index are given out; the array is cut when half of it is. */
  private first = 0;
  /** Positions of the first request that are given out. */
  private offset = 0;
  private waiting = 0;

  constructor(readonly maxChecks: number) {}

  /** Checks that wait. */
  get size(): number {
    return this.waiting;
  }

  hasRoom(checks: number): boolean {
    return this.waiting + checks <= this.maxChecks;
  }

  push(request: CheckRequest): void {
    this.requests.push(request);
    this.waiting += request.positions.length;
  }

  /** Moves up to `limit` checks into `segments`, leaving out requests that were rejected. @returns how many. */
  take(limit: number, segments: CheckSegment[]): number {
    let taken = 0;
    while (taken < limit) {
      const request = this.requests[this.first];
      if (request === undefined) break;
      const left = request.positions.length - this.offset;
      const count = request.settled ? left : Math.min(left, limit - taken);
      if (!request.settled) {
        segments.push({ request, from: this.offset, count });
        taken += count;
      }
      this.waiting -= count;
      this.offset += count;
      if (this.offset === request.positions.length) this.dropFirst();
    }
    return taken;
  }

  /** Rejects and forgets everything that waits. */
  rejectAll(error: CodedError): void {
    const rejected = this.requests.slice(this.first);
    this.requests = [];
    this.first = 0;
    this.offset = 0;
    this.waiting = 0;
    for (const request of rejected) rejectRequest(request, error);
  }

  private dropFirst(): void {
    this.first++;
    this.offset = 0;
    if (this.first * 2 < this.requests.length) return;
    this.requests = this.requests.slice(this.first);
    this.first = 0;
  }
}
