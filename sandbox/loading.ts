import { GuestException, GuestFault } from './errors.js';
import { GUEST_LIMITS } from './limits.js';
import type { GuestMeter, GuestOperation } from './types.js';

/** Fuel for one load, out of which the guest faults. */
export class LoadMeter implements GuestMeter {
  fuelLeft: number;
  depthLeft: number = GUEST_LIMITS.callDepth;

  /** @param limit units */
  constructor(limit: number) {
    this.fuelLeft = limit;
  }

  charge(units: number): void {
    if (units > this.fuelLeft) throw new GuestFault('loadFuel');
    this.fuelLeft -= units;
  }
}

/** A program loads, and says what it is, without asking anybody. */
export const noOperation: GuestOperation = () => {
  throw new GuestException('NO_OPERATION_WHILE_LOADING');
};
