import { SandboxError } from '../errors.js';

/** Reads a WebAssembly module's bytes. Whatever ends early or is too long is `WASM_MALFORMED`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw this.malformed('one more byte', 'the end');
    return this.bytes[this.position++] as number;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw this.malformed('an unsigned number of 32 bits', 'a longer one');
  }

  /** Steps over a LEB128 number of at most `bits` bits, signed or not. */
  skipLeb(bits: 32 | 33 | 64): void {
    const limit = Math.ceil(bits / 7);
    for (let length = 1; length <= limit; length++) {
      if ((this.byte() & 0x80) === 0) return;
    }
    throw this.malformed(`a number of ${bits} bits`, 'a longer one');
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.position) throw this.malformed(`${length} more bytes`, 'the end');
    const taken = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return taken;
  }

  /** A part of the same bytes, so that positions in errors stay those of the file. */
  part(length: number): ByteReader {
    const start = this.position;
    this.take(length);
    return new ByteReader(this.bytes, start, start + length);
  }

  malformed(expected: string, actual: string): SandboxError {
    const where = `at byte ${this.position}`;
    return new SandboxError('WASM_MALFORMED', `expected ${expected} ${where}, found ${actual}`, { expected, actual });
  }

  unsupported(what: string): SandboxError {
    return new SandboxError('WASM_UNSUPPORTED', `the instrumenter does not know ${what} (at byte ${this.position})`, {
      expected: 'what the instrumenter can price',
      actual: what,
      hint: 'build the module without this feature, or teach the instrumenter under a new version',
    });
  }
}
