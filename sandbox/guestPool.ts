import { SandboxError } from './errors.js';
import { Guest, type GuestModule } from './guest.js';
import type { GuestImage } from './guestImage.js';
import { POOL_LIMITS } from './limits.js';

interface Idle {
  readonly guest: Guest;
  readonly image: GuestImage;
}

/** Instances for one call each at a time. One that was last at the same image costs the least to put back. */
export class GuestPool {
  readonly #module: GuestModule;
  /** The longest unused first. */
  readonly #idle: Idle[] = [];
  #count = 0;

  constructor(module: GuestModule) {
    this.#module = module;
  }

  /** An instance that is what the image says, for this caller alone. @throws SandboxError `ENGINE_EXHAUSTED` */
  take(image: GuestImage): Guest {
    const own = this.#idle.findLastIndex((idle) => idle.image === image);
    const mustReuse = this.#count >= POOL_LIMITS.idle && this.#idle.length > 0;
    const [found] = own >= 0 || mustReuse ? this.#idle.splice(Math.max(own, 0), 1) : [];
    const guest = found?.guest ?? this.make();
    if (guest.become(image)) return guest;
    this.#count -= 1;
    const fresh = this.make();
    fresh.become(image);
    return fresh;
  }

  give(guest: Guest, image: GuestImage): void {
    if (this.#idle.length < POOL_LIMITS.idle) this.#idle.push({ guest, image });
    else this.#count -= 1;
  }

  /** An instance as it is after instantiation, for this caller alone. @throws SandboxError `ENGINE_EXHAUSTED` */
  make(): Guest {
    if (this.#count >= POOL_LIMITS.all) {
      throw new SandboxError('ENGINE_EXHAUSTED', `expected at most ${POOL_LIMITS.all} guests inside each other`, {
        expected: `at most ${POOL_LIMITS.all}`,
        actual: `${this.#count + 1}`,
      });
    }
    this.#count += 1;
    return new Guest(this.#module);
  }
}
