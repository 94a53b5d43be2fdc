import {
  decodeEnd,
  decodeVerdicts,
  FRAME,
  FrameReader,
  type SettlementEnd,
  type SettlementVerdict,
} from '../api/settlement.js';
import { isCodedError } from '../primitives/errors.js';
import { ClientError, TransportError } from './errors.js';

/** Bytes of one answer: proofs of a full request stay far below it. */
const MAX_RESPONSE_BYTES = 67_108_864;

export interface SettlementStreamOptions {
  readonly url: string;
  /** Transactions that were sent. */
  readonly count: number;
  /** Height up to which proofs leave out the changes of validators, as it was asked for. */
  readonly since: number;
  /** Why reading failed, in words. */
  readonly reasonOf: (error: unknown) => string;
  /** Called once, when nothing more will be read. */
  readonly onDone: () => void;
}

/** A node's answer at the settlement door, frame by frame. What it says is not believed: proofs are to be verified. */
export class SettlementStream {
  readonly since: number;
  /** One for each transaction, in order; there once `open` has resolved. */
  verdicts: readonly SettlementVerdict[] = [];
  /** What the node did not prove, and why it ended; undefined before. */
  end: SettlementEnd | undefined;
  readonly #options: SettlementStreamOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #frames = new FrameReader();
  #size = 0;
  #isDone = false;

  private constructor(body: ReadableStream<Uint8Array>, options: SettlementStreamOptions) {
    this.since = options.since;
    this.#options = options;
    this.#reader = body.getReader();
  }

  /**
   * Reads the verdicts.
   *
   * @throws TransportError; ClientError `RESPONSE_INVALID`
   */
  static async open(body: ReadableStream<Uint8Array>, options: SettlementStreamOptions): Promise<SettlementStream> {
    const stream = new SettlementStream(body, options);
    stream.verdicts = await stream.#guarded(async () => {
      const frame = await stream.#frame();
      if (frame.kind !== FRAME.verdicts) throw stream.#invalid(`a frame of kind ${frame.kind} before the verdicts`);
      const verdicts = decodeVerdicts(frame.payload);
      if (verdicts.length !== options.count) {
        throw stream.#invalid(`${verdicts.length} verdicts for ${options.count} transactions`);
      }
      return verdicts;
    });
    return stream;
  }

  /**
   * The next proof of receipts, as bytes to be verified; undefined at the end.
   *
   * @throws TransportError; ClientError `RESPONSE_INVALID`
   */
  next(): Promise<Uint8Array | undefined> {
    return this.#guarded(async () => {
      if (this.#isDone) return undefined;
      const { kind, payload } = await this.#frame();
      if (kind === FRAME.proof) return payload;
      if (kind !== FRAME.end) throw this.#invalid('verdicts a second time');
      this.end = decodeEnd(payload);
      const { done } = await this.#reader.read();
      if (!done || !this.#frames.isEmpty) throw this.#invalid('bytes behind the end');
      this.#done();
      return undefined;
    });
  }

  /** Reads nothing more. */
  close(): void {
    if (this.#isDone) return;
    this.#done();
    this.#reader.cancel().catch(() => undefined);
  }

  async #frame() {
    for (;;) {
      const frame = this.#frames.next();
      if (frame !== undefined) return frame;
      const { done, value } = await this.#reader.read();
      if (done) throw new TransportError(this.#options.url, 'the answer was cut short', true);
      this.#size += value.length;
      if (this.#size > MAX_RESPONSE_BYTES) throw this.#invalid(`more than ${MAX_RESPONSE_BYTES} bytes`);
      this.#frames.add(value);
    }
  }

  async #guarded<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      this.close();
      if (error instanceof ClientError) throw error;
      if (isCodedError(error)) throw this.#invalid(error.message);
      throw new TransportError(this.#options.url, this.#options.reasonOf(error), true);
    }
  }

  #done(): void {
    this.#isDone = true;
    this.#options.onDone();
  }

  #invalid(actual: string): ClientError {
    const { url } = this.#options;
    return new ClientError('RESPONSE_INVALID', `${url} answered with ${actual}`, {
      expected: 'verdicts, proofs and an end',
      actual,
      url,
    });
  }
}
