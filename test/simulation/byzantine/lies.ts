import { decodeBlocks, encodeBlocks, encodeClaim, encodeTransactions } from '../../../node/engine/requestCodec.js';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { encodeBlock } from '../../../primitives/block.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import type { Certificate, CertificateType } from '../../../primitives/types.js';
import { never } from '../world/life.js';
import type { Random } from '../world/random.js';
import type { Behaviour } from './behaviour.js';
import type { Traitor } from './traitor.js';

/** A certificate in the right form, signed by nobody but the traitor, in everybody's name. */
export function forgeCertificate(
  traitor: Traitor,
  type: CertificateType,
  vote: { readonly height: number; readonly round: number; readonly blockHash: Uint8Array },
): Certificate {
  const { validatorCount, random } = traitor;
  const own = traitor.sign({ type, ...vote }).signature;
  const signatures = new Map<number, Uint8Array>();
  const count = random.integer(1, validatorCount);
  for (let index = 0; index < count; index++) {
    const isOwn = random.chance(0.5);
    signatures.set(index, isOwn ? own : Uint8Array.from({ length: 64 }, () => random.integer(0, 255)));
  }
  return buildCertificate(type, vote, validatorCount, signatures);
}

/** Shows certificates that no quorum gave: of decisions, and of blocks that were prepared. */
export function certificateForger(): Behaviour {
  return {
    acts: (traitor) => {
      const { random, workingHeight } = traitor;
      const peerId = random.pick(traitor.peers);
      if (peerId === undefined) return;
      traitor.count('byzantine: forged certificate');
      const vote = { height: workingHeight, round: random.integer(0, 3), blockHash: traitor.randomHash() };
      if (random.chance(0.5)) {
        traitor.send(peerId, { type: 'certificate', certificate: forgeCertificate(traitor, 'commit', vote) });
        return;
      }
      const preparedCertificate = forgeCertificate(traitor, 'prepare', vote);
      const { height, round } = vote;
      const claim = { preparedRound: round, preparedHash: vote.blockHash, preparedCertificate };
      traitor.send(peerId, traitor.sign({ type: 'roundChange', height, round: round + 1, ...claim }));
    },
  };
}

/** Answers questions with lies, with rubbish, with half of the truth, or never. */
export function syncLiar(random: Random): Behaviour {
  const chance = 0.3 + random.next() * 0.7;
  return {
    answers: (request, peerId, traitor) => {
      if (!traitor.random.chance(chance)) return undefined;
      traitor.count('byzantine: lie in sync');
      const way = traitor.random.integer(0, 4);
      if (way === 0) return never();
      if (way === 1) return Promise.resolve(Uint8Array.from({ length: 50 }, () => traitor.random.integer(0, 255)));
      switch (request.type) {
        case 'status':
        case 'workingHeight':
          return Promise.resolve(falseClaim(traitor));
        case 'blocks':
          return falseBlocks(traitor, request.fromHeight, peerId);
        case 'transactions':
          return Promise.resolve(encodeTransactions(request.leafHashes.map(() => traitor.randomHash())));
        case 'body':
          return falseBody(traitor);
      }
    },
  };
}

function falseClaim(traitor: Traitor): Uint8Array {
  const headHeight = traitor.node.height + traitor.random.integer(1, 1_000_000);
  const blockHash = traitor.randomHash();
  const certificate = forgeCertificate(traitor, 'commit', { height: headHeight, round: 0, blockHash });
  return encodeClaim({ headHeight, headHash: blockHash, certificate });
}

/** True blocks in a false order, without some, with changed content, or under a forged certificate. */
async function falseBlocks(traitor: Traitor, fromHeight: number, _peerId: string): Promise<Uint8Array> {
  const { executor, height } = traitor.node;
  const found = fromHeight > 0 && fromHeight <= height ? await executor?.blocks(fromHeight, 16, 1_000_000) : undefined;
  const blocks = decodeBlocks(encodeBlocks([...(found ?? [])]));
  switch (traitor.random.integer(0, 3)) {
    case 0:
      return encodeBlocks(blocks.toReversed());
    case 1:
      return encodeBlocks(blocks.slice(1));
    case 2:
      return encodeBlocks(blocks.map((each) => withOtherTime(each)));
    default:
      return encodeBlocks(blocks.map((each) => withForgedCertificate(each, traitor)));
  }
}

function withOtherTime({ block, certificate }: CertifiedBlock): CertifiedBlock {
  const header = { ...block.header, timestamp: block.header.timestamp + 1 };
  return { block: { ...block, header }, certificate };
}

function withForgedCertificate({ block, certificate }: CertifiedBlock, traitor: Traitor): CertifiedBlock {
  return { block, certificate: forgeCertificate(traitor, 'commit', certificate) };
}

async function falseBody(traitor: Traitor): Promise<Uint8Array> {
  const { executor, height } = traitor.node;
  const [found] = height > 0 ? ((await executor?.blocks(height, 1, 1)) ?? []) : [];
  return found === undefined ? traitor.randomHash() : encodeBlock(found.block);
}
