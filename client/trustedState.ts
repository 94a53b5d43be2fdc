import { s } from '../api/shape.js';
import { decodeHeader, encodeHeader } from '../primitives/block.js';
import { fromHex, toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import { LIMITS } from '../primitives/limits.js';
import type { Validator } from '../primitives/types.js';
import { decodeValidators, encodeValidators } from '../primitives/validator.js';
import { ClientError } from './errors.js';
import type { TrustedState } from './lightClient.js';

const VERSION = 1;
const validators = s.hex(16_384);

const shape = s.record({
  version: s.integer(VERSION, VERSION),
  genesisHash: s.hash,
  base: s.record({ height: s.integer(0), validators }),
  handovers: s.list(s.record({ height: s.integer(1), blockHash: s.hash, validators }), LIMITS.handoversPerProof),
  header: s.hex(512),
});

/** Characters of a kept state that is of any use. */
export const MAX_TRUSTED_STATE_CHARACTERS = 67_108_864;

/** What a light client trusts, as text to keep. Whoever can change it decides what the client believes: keep it safe. */
export function formatTrustedState({ genesisHash, base, handovers, header }: TrustedState): string {
  const json = {
    version: VERSION,
    genesisHash: toHex(genesisHash),
    base: { height: base.height, validators: toHex(encodeValidators(base.validators)) },
    handovers: handovers.map(({ height, blockHash, validators: list }) => ({
      height,
      blockHash: toHex(blockHash),
      validators: toHex(encodeValidators(list)),
    })),
    header: toHex(encodeHeader(header)),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/** @throws ClientError `TRUSTED_STATE_INVALID` */
export function parseTrustedState(text: string): TrustedState {
  try {
    const { genesisHash, base, handovers, header } = shape.parse(JSON.parse(text), '$', 'strict');
    return {
      genesisHash: fromHex(genesisHash, 32),
      base: { height: base.height, validators: readValidators(base.validators) },
      handovers: handovers.map((handover) => ({
        height: handover.height,
        blockHash: fromHex(handover.blockHash, 32),
        validators: readValidators(handover.validators),
      })),
      header: decodeHeader(fromHex(header)),
    };
  } catch (error) {
    if (!isCodedError(error) && !(error instanceof SyntaxError)) throw error;
    throw new ClientError('TRUSTED_STATE_INVALID', `the kept state does not decode: ${error.message}`, {
      expected: 'what formatTrustedState gives',
      actual: error.message,
      hint: 'let go of what was kept: everything can be verified anew from the genesis file',
    });
  }
}

function readValidators(hex: string): readonly Validator[] {
  return decodeValidators(fromHex(hex));
}
