/** Milliseconds that only move forward; the zero is anywhere. */
export type MonotonicClock = () => number;

/**
 * A rate with a burst of one second, in debt when more was used than there was: bytes that have arrived cannot be sent
 * back, so the debt is paid by waiting.
 */
export class Throttle {
  private credit: number;
  private updatedAtMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: MonotonicClock,
  ) {
    this.credit = perSecond;
    this.updatedAtMs = clock();
  }

  /** Takes an amount, whether it is there or not. @returns how long to wait until the debt is paid, 0 when none. */
  take(amount: number): number {
    this.refill();
    this.credit -= amount;
    return this.credit >= 0 ? 0 : Math.ceil((-this.credit * 1000) / this.perSecond);
  }

  /** Takes an amount only where no debt stands. */
  tryTake(amount: number): boolean {
    this.refill();
    if (this.credit <= 0) return false;
    this.credit -= amount;
    return true;
  }

  private refill(): void {
    const nowMs = this.clock();
    this.credit = Math.min(this.perSecond, this.credit + ((nowMs - this.updatedAtMs) * this.perSecond) / 1000);
    this.updatedAtMs = nowMs;
  }
}
