import type { AbiCodec } from '../contracts/api/abi.js';
import type { Json } from '../contracts/api/schema.js';
import { standardContracts } from '../contracts/index.js';
import { toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import type { Call, ContractEvent, Receipt } from '../primitives/types.js';
import type { Session } from './session.js';

/** Codecs by the name of their contract. */
export type Codecs = ReadonlyMap<string, AbiCodec>;

/** What every network has: all that is known without asking. */
export function standardCodecs(): Codecs {
  return new Map(standardContracts().map(({ name, codec }) => [name, codec]));
}

/** The codecs of these contracts, those of banks by the ABI on the chain. One that cannot be had is left out. */
export async function codecsOf({ client }: Pick<Session, 'client'>, names: Iterable<string>): Promise<Codecs> {
  const codecs = new Map<string, AbiCodec>();
  for (const name of new Set(names)) {
    try {
      codecs.set(name, (await client.contract(name)).codec);
    } catch (error) {
      // What is final stays final: its bytes are shown.
      if (!isCodedError(error)) throw error;
    }
  }
  return codecs;
}

/** The contracts that a receipt is described by. */
export function contractsOf({ failedCall, events }: Receipt): readonly string[] {
  const [failed = ''] = failedCall.split('.');
  return [...(failed === '' ? [] : [failed]), ...events.map(({ contract }) => contract)];
}

/** Data of a failed receipt by the ABI of the contract that failed; undefined where that is not known. */
export function errorData({ failedCall, code, errorData: bytes }: Receipt, codecs: Codecs): Json | undefined {
  const [contract = ''] = failedCall.split('.');
  return decoded(codecs.get(contract), (codec) => codec.decodeErrorData(code, bytes));
}

/** An event of a receipt by the ABI; in hexadecimal where its contract is not known. */
export function describeEvent(
  { contract, name, data }: ContractEvent,
  codecs: Codecs,
): { readonly event: string; readonly data: Json } {
  const event = `${contract}.${name}`;
  return { event, data: decoded(codecs.get(contract), (codec) => codec.decodeEvent(name, data)) ?? toHex(data) };
}

/** A call with its arguments by the ABI; in hexadecimal where the contract is not known. */
export function describeCall(
  { contract, method, args }: Call,
  codecs: Codecs,
): { readonly call: string; readonly args: Json } {
  const call = `${contract}.${method}`;
  return { call, args: decoded(codecs.get(contract), (codec) => codec.decodeArgs(method, args)) ?? toHex(args) };
}

/** An older version of the contract may have written it: then it is not known. */
function decoded(codec: AbiCodec | undefined, read: (codec: AbiCodec) => Json): Json | undefined {
  try {
    return codec === undefined ? undefined : read(codec);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return undefined;
  }
}
