import {
  decodeEnd,
  encodeSettlementRequest,
  FRAME,
  type Frame,
  FrameReader,
  SETTLEMENT_CONTENT_TYPE,
  SETTLEMENT_PATH,
  type SettlementEnd,
  type SettlementRequest,
} from '../../api/settlement.js';
import { fromHex } from '../../primitives/bytes.js';

/** Sends transactions to the settlement door of a node, as any program could. */
export function settleAt(
  url: string,
  hexes: readonly string[],
  change: Partial<SettlementRequest> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const transactions = hexes.map((hex) => fromHex(hex));
  const body = encodeSettlementRequest({ timeoutMs: 5_000, since: 0, transactions, ...change });
  return fetch(`${url}${SETTLEMENT_PATH}`, {
    method: 'POST',
    body: body as Uint8Array<ArrayBuffer>,
    headers: { 'content-type': SETTLEMENT_CONTENT_TYPE },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The whole frames of an answer's bytes. */
export function framesIn(bytes: Uint8Array): Frame[] {
  const reader = new FrameReader();
  reader.add(bytes);
  const frames: Frame[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  if (!reader.isEmpty) throw new TypeError('expected whole frames');
  return frames;
}

/** What an answer says at its end. */
export function endOf(frames: readonly Frame[]): SettlementEnd {
  const last = frames.at(-1);
  if (last?.kind !== FRAME.end) throw new TypeError('expected an end');
  return decodeEnd(last.payload);
}

/** Turns of the event loop, until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > 1_000) throw new TypeError('it never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
