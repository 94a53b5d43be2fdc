import type { Hash } from '../primitives/bytes.js';
import { commitDigest, prepareDigest, proposalDigest, roundChangeDigest, statusDigest } from '../primitives/message.js';
import type { UnsignedMessage } from './types.js';

/** What the sender of a message signs. @throws FormatError */
export function messageDigest(genesisHash: Hash, message: UnsignedMessage): Hash {
  switch (message.type) {
    case 'proposal':
      return proposalDigest(genesisHash, message);
    case 'prepare':
      return prepareDigest(genesisHash, message);
    case 'commit':
      return commitDigest(genesisHash, message);
    case 'roundChange':
      return roundChangeDigest(genesisHash, message);
    case 'status':
      return statusDigest(genesisHash, message);
  }
}
