import type { MessageStream } from '@libp2p/interface';
import type { Uint8ArrayList } from 'uint8arraylist';
import { concatBytes } from '../../primitives/bytes.js';

/** Bytes that are gathered before writers are told to wait for the line. */
const MAX_GATHERED_BYTES = 131_072;
/** A stream's window is granted again when half of the smallest one is used up. */
const WINDOW_GRANT_BYTES = 131_072;
/** Streams whose grants are held back; with one more, all of them are sent. */
const MAX_HELD_STREAMS = 64;

const HEADER_BYTES = 12;
const TYPE_OFFSET = 1;
const FLAGS_OFFSET = 2;
const STREAM_OFFSET = 4;
const LENGTH_OFFSET = 8;
const WINDOW_UPDATE = 1;

/** Takes the place of the `send` of the connection under a multiplexer. */
export function gatherWrites(connection: MessageStream): void {
  const line = new GatheredLine(connection, connection.send.bind(connection));
  connection.send = (data) => line.send(data);
}

/**
 * Gathers what a multiplexer writes in one turn into one message of the secured connection: one encryption, one write,
 * one waking of the peer. Left alone it writes each frame by itself and answers each frame that it reads with a grant of
 * as many bytes; here grants are added up until they matter, which a stream's sender cannot notice but by having half a
 * window in hand.
 *
 * It throws at nobody: the multiplexer answers pings, opens streams and says goodbye from within events, where an
 * exception would stop the node. On a line that is closed nothing is sent, and the close event does the rest.
 */
class GatheredLine {
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  private readonly grants = new Map<number, number>();
  private isScheduled = false;
  private mustSignalDrain = false;

  constructor(
    private readonly connection: MessageStream,
    private readonly write: (data: Uint8Array) => boolean,
  ) {}

  /** @returns false when writers must wait for the line's drain. */
  send(data: Uint8Array | Uint8ArrayList): boolean {
    if (this.connection.status !== 'open') return false;
    if (data instanceof Uint8Array && isPlainGrant(data)) this.hold(data);
    else this.gather(data);
    if (this.gatheredBytes < MAX_GATHERED_BYTES && !this.connection.writableNeedsDrain) return true;
    this.mustSignalDrain = true;
    return false;
  }

  private hold(grant: Uint8Array): void {
    const header = new DataView(grant.buffer, grant.byteOffset, grant.byteLength);
    const stream = header.getUint32(STREAM_OFFSET);
    const bytes = header.getUint32(LENGTH_OFFSET) + (this.grants.get(stream) ?? 0);
    if (bytes >= WINDOW_GRANT_BYTES) {
      this.grants.delete(stream);
      this.gather(windowUpdate(stream, bytes));
      return;
    }
    this.grants.set(stream, bytes);
    if (this.grants.size <= MAX_HELD_STREAMS) return;
    // Most of these streams have ended, which nobody told us.
    for (const [id, held] of this.grants) this.gather(windowUpdate(id, held));
    this.grants.clear();
  }

  private gather(data: Uint8Array | Uint8ArrayList): void {
    if (data instanceof Uint8Array) this.gathered.push(data);
    else this.gathered.push(...data);
    this.gatheredBytes += data.byteLength;
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(this.flush);
  }

  private readonly flush = (): void => {
    this.isScheduled = false;
    const data = concatBytes(...this.gathered);
    this.gathered = [];
    this.gatheredBytes = 0;
    if (this.connection.status !== 'open') return;
    try {
      // A line that is full says by itself when it has room again.
      const hasRoom = this.write(data);
      const signals = hasRoom && this.mustSignalDrain;
      this.mustSignalDrain = false;
      if (signals) this.connection.dispatchEvent(new Event('drain'));
    } catch (error) {
      this.connection.abort(error instanceof Error ? error : new Error('the connection could not be written to'));
    }
  };
}

/** True for a grant that says nothing else: flags open and end streams. */
function isPlainGrant(frame: Uint8Array): boolean {
  return (
    frame.length === HEADER_BYTES &&
    frame[TYPE_OFFSET] === WINDOW_UPDATE &&
    frame[FLAGS_OFFSET] === 0 &&
    frame[FLAGS_OFFSET + 1] === 0
  );
}

function windowUpdate(stream: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES);
  const header = new DataView(frame.buffer);
  frame[TYPE_OFFSET] = WINDOW_UPDATE;
  header.setUint32(STREAM_OFFSET, stream);
  header.setUint32(LENGTH_OFFSET, bytes);
  return frame;
}
