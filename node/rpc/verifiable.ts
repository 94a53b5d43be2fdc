import { encodeHeader } from '../../primitives/block.js';
import { fromHex, toHex } from '../../primitives/bytes.js';
import { encodeCertificate } from '../../primitives/certificate.js';
import { encodeStateProof } from '../../primitives/stateProof.js';
import type { Executor } from '../execution/types.js';
import { describeHandover } from './describe.js';
import type { Handlers } from './handler.js';

/** What a client verifies by itself, from the genesis file on. */
export function verifiableHandlers(
  executor: Pick<Executor, 'head' | 'finalityUpdate' | 'stateProof'>,
): Pick<Handlers, 'finalityUpdate' | 'stateValue'> {
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
    stateValue: async ({ contract, key }) => {
      const stateKey = Buffer.from(fromHex(key)).toString('latin1');
      const { value, proof, header, certificate, handovers } = await executor.stateProof(contract, stateKey);
      return {
        value: value === undefined ? null : toHex(value),
        proof: toHex(encodeStateProof(proof)),
        height: header.height,
        header: toHex(encodeHeader(header)),
        certificate: certificate === undefined ? '0x' : toHex(encodeCertificate(certificate)),
        handovers: handovers.map(describeHandover),
      };
    },
  };
}
