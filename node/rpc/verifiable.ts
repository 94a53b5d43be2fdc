import { ApiError } from '../../api/errors.js';
import { encodeHeader } from '../../primitives/block.js';
import { fromHex, toHex } from '../../primitives/bytes.js';
import { encodeCertificate } from '../../primitives/certificate.js';
import { encodeStateFinalityProof, stateKeyText } from '../../primitives/stateFinality.js';
import type { Executor } from '../execution/types.js';
import { describeHandover } from './describe.js';
import type { Handlers } from './handler.js';

/** What a client verifies by itself, from the genesis file on. */
export function verifiableHandlers(
  executor: Pick<Executor, 'head' | 'finalityUpdate' | 'stateProof'>,
): Pick<Handlers, 'finalityUpdate' | 'stateProof'> {
  return {
    finalityUpdate: async ({ since }) => {
      const update = await executor.finalityUpdate(since);
      const headHeight = executor.head().header.height;
      if (update === undefined) return { headHeight };
      const { header, certificate, handovers } = update;
      return {
        headHeight: Math.max(headHeight, header.height),
        update: {
          header: toHex(encodeHeader(header)),
          certificate: toHex(encodeCertificate(certificate)),
          handovers: handovers.map(describeHandover),
        },
      };
    },
    stateProof: async ({ keys }) => {
      const { certificate, ...answer } = await executor.stateProof(
        keys.map(({ contract, key }) => ({ contract, key: stateKeyText(fromHex(key)) })),
      );
      if (certificate === undefined) throw unsealed();
      return {
        height: answer.header.height,
        values: answer.entries.map(({ value }) => (value === undefined ? null : toHex(value))),
        proof: toHex(encodeStateFinalityProof({ ...answer, certificate })),
      };
    },
  };
}

function unsealed(): ApiError {
  return new ApiError('STATE_UNSEALED', 'expected a state that a quorum sealed, found the genesis state', {
    expected: 'height 1 or above',
    actual: 'height 0',
    hint: 'ask again once the first block is decided; the genesis file says what holds at height 0',
  });
}
