import type { Random } from './random.js';

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

const SECTOR_BYTES = 512;

/** What became of the unsynced writes of a file when the power went. */
export interface Losses {
  readonly lost: number;
  readonly torn: number;
}

/** A file as the machine holds it: what a process sees, and what is on the platter. */
export class SimulatedFile {
  #cached = new Uint8Array();
  #durable = new Uint8Array();
  #pending: Write[] = [];

  get bytes(): Uint8Array {
    return this.#cached;
  }

  get isClean(): boolean {
    return this.#pending.length === 0;
  }

  write(bytes: Uint8Array, position: number): void {
    const copy = bytes.slice();
    this.#cached = put(this.#cached, copy, position);
    this.#pending.push({ position, bytes: copy });
  }

  sync(): void {
    for (const { bytes, position } of this.#pending) this.#durable = put(this.#durable, bytes, position);
    this.#pending = [];
  }

  /** Of each unsynced write everything, nothing, or some sectors reach the platter, in any order. */
  losePower(random: Random): Losses {
    let lost = 0;
    let torn = 0;
    for (const { bytes, position } of this.#pending) {
      const fate = random.integer(0, 2);
      if (fate === 0) lost++;
      if (fate === 1) this.#durable = put(this.#durable, bytes, position);
      if (fate === 2) {
        torn++;
        this.#tear(bytes, position, random);
      }
    }
    this.#pending = [];
    this.#cached = this.#durable.slice();
    return { lost, torn };
  }

  /** A prefix, or any of the sectors. */
  #tear(bytes: Uint8Array, position: number, random: Random): void {
    if (random.chance(0.5)) {
      this.#durable = put(this.#durable, bytes.subarray(0, random.integer(0, bytes.length)), position);
      return;
    }
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + SECTOR_BYTES - ((position + start) % SECTOR_BYTES));
      if (random.chance(0.5)) this.#durable = put(this.#durable, bytes.subarray(start, end), position + start);
      start = end;
    }
  }

  /** Changes one bit, on the platter and in whatever reads it. */
  flip(position: number, bit: number): void {
    this.sync();
    for (const bytes of [this.#cached, this.#durable]) {
      if (position < bytes.length) bytes[position] = (bytes[position] as number) ^ (1 << bit);
    }
  }
}

function put(content: Uint8Array, bytes: Uint8Array, position: number): Uint8Array<ArrayBuffer> {
  const size = Math.max(content.length, position + bytes.length);
  const target = size === content.length ? (content as Uint8Array<ArrayBuffer>) : new Uint8Array(size);
  if (target !== content) target.set(content);
  target.set(bytes, position);
  return target;
}
