import type { CompactProposal, OutlineMessage } from '../../../consensus/messageCodec.js';
import { encodeTransactions } from '../../../node/engine/requestCodec.js';
import { encodeBlock, headerHash, transactionsRoot } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { transactionLeaf } from '../../../primitives/transaction.js';
import type { Block, BlockHeader } from '../../../primitives/types.js';
import type { Random } from '../world/random.js';
import type { Behaviour } from './behaviour.js';
import type { Traitor } from './traitor.js';

/** Behaviours of a leader. Fresh proposals only: a prepared block is what it is. */

function isFresh(message: { readonly type: string }): message is CompactProposal {
  return message.type === 'proposal' && (message as CompactProposal).preparedCertificate === undefined;
}

/** Bodies that the hand made are given to whoever asks. */
export function serveHidden(): Behaviour {
  return {
    answers: (request, _peerId, traitor) => {
      if (request.type !== 'body' && request.type !== 'transactions') return undefined;
      const body = traitor.hidden.get(toHex(request.blockHash));
      if (body === undefined) return undefined;
      if (request.type === 'body') return Promise.resolve(encodeBlock(body.block));
      const byLeaf = new Map(body.leafHashes.map((leaf, index) => [toHex(leaf), body.block.transactions[index]]));
      return Promise.resolve(encodeTransactions(request.leafHashes.map((leaf) => byLeaf.get(toHex(leaf)))));
    },
  };
}

/** A proposal of another block for the same height and round. */
function propose(traitor: Traitor, like: CompactProposal, block: Block): CompactProposal {
  const blockHash = headerHash(block.header);
  const leafHashes = block.transactions.map(transactionLeaf);
  traitor.hide(blockHash, { block, leafHashes });
  const { leafHashes: _, signature: __, sender: ___, ...proposal } = like;
  return { ...traitor.sign({ ...proposal, blockHash, header: block.header }), leafHashes };
}

/**
 * Shows one half of the validators another block, as valid as the first, and votes for it there.
 *
 * @param isOther whether a peer is shown the other block
 */
export function equivocator(random: Random, isOther?: (peerId: string) => boolean): Behaviour {
  const salt = random.integer(0, 1_000);
  const other = isOther ?? ((peerId: string) => (peerId.charCodeAt(5) + salt) % 2 === 0);
  /** The other block of a height and round. */
  const made = new Map<string, Promise<CompactProposal | undefined>>();
  return {
    outgoing: (message, peerId, traitor) => {
      if (!isFresh(message)) return [message];
      const place = `${message.height} ${message.round}`;
      const twin = made.get(place) ?? anotherBlock(message, traitor);
      made.set(place, twin);
      if (!other(peerId)) return [message];
      void twin.then((proposal) => {
        if (proposal === undefined) return;
        traitor.count('byzantine: equivocation');
        traitor.send(peerId, proposal);
        const { height, round, blockHash } = proposal;
        for (const type of ['prepare', 'commit'] as const) {
          traitor.send(peerId, traitor.sign({ type, height, round, blockHash }));
        }
      });
      return [];
    },
  };
}

/** The same transactions a millisecond later: valid, and another block. */
async function anotherBlock(message: CompactProposal, traitor: Traitor): Promise<CompactProposal | undefined> {
  const { height, parentHash, proposer, timestamp } = message.header;
  const transactions = traitor.node.core?.mempool.offer(100, 1_000_000).transactions.map(({ bytes }) => bytes) ?? [];
  try {
    const built = await traitor.node.executor?.build({
      ...{ height, parentHash, proposer, timestamp: timestamp + 1 },
      transactions: transactions.slice(0, traitor.random.integer(0, transactions.length)),
    });
    return built === undefined ? undefined : propose(traitor, message, built.block);
  } catch {
    // The chain has moved on meanwhile.
    return undefined;
  }
}

type HeaderChange = (header: BlockHeader, traitor: Traitor) => BlockHeader;

/** Each breaks one rule of a block's validity. */
const HEADER_CHANGES: readonly HeaderChange[] = [
  (header, traitor) => ({ ...header, stateRoot: traitor.randomHash() }),
  (header, traitor) => ({ ...header, receiptsRoot: traitor.randomHash() }),
  (header, traitor) => ({ ...header, txRoot: traitor.randomHash() }),
  (header, traitor) => ({ ...header, parentHash: traitor.randomHash() }),
  (header, traitor) => ({ ...header, validatorsHash: traitor.randomHash() }),
  (header, traitor) => ({ ...header, nextValidatorsHash: traitor.randomHash() }),
  (header) => ({ ...header, chainId: 'another-1' }),
  (header) => ({ ...header, height: header.height + 1 }),
  (header) => ({ ...header, timestamp: 1 }),
  (header) => ({ ...header, timestamp: header.timestamp + 3_600_000 }),
  (header) => ({ ...header, proposer: `0x${'77'.repeat(20)}` }),
];

type OutlineChange = (outline: OutlineMessage, traitor: Traitor) => OutlineMessage;

/** Each leads to another block than the one that follows, or to none. */
const OUTLINE_CHANGES: readonly OutlineChange[] = [
  (outline) => ({ ...outline, timestamp: outline.timestamp + 1 }),
  (outline) => ({ ...outline, timestamp: 1 }),
  (outline) => ({ ...outline, timestamp: Number.MAX_SAFE_INTEGER }),
  (outline) => ({ ...outline, height: outline.height + 1 }),
  (outline) => ({ ...outline, round: outline.round + 1 }),
  (outline, traitor) => ({ ...outline, parentHash: traitor.randomHash() }),
  (outline) => ({ ...outline, maxBytes: 0 }),
  (outline) => ({ ...outline, leafHashes: outline.leafHashes.toReversed() }),
  (outline) => ({ ...outline, leafHashes: [...outline.leafHashes, ...outline.leafHashes] }),
  (outline, traitor) => ({ ...outline, leafHashes: [traitor.randomHash()] }),
  (outline) => ({ ...outline, leads: [{ member: 'NOBODYXX', millionths: 1_000_000_000 }] }),
];

/** Some are told something else, and some twice. */
function falseOutlines(outline: OutlineMessage, traitor: Traitor): readonly OutlineMessage[] {
  traitor.count('byzantine: false outline');
  const change = traitor.random.pick(OUTLINE_CHANGES) as OutlineChange;
  const changed = change(outline, traitor);
  return traitor.random.chance(0.5) ? [changed, outline] : [changed];
}

/** Proposes blocks that break a rule: of the header, or of the transactions in them; and others than it said it would. */
export function invalidProposer(random: Random): Behaviour {
  const chance = 0.3 + random.next() * 0.7;
  const salt = random.integer(0, 1_000);
  return {
    outgoing: (message, peerId, traitor) => {
      if (message.type === 'outline') return falseOutlines(message, traitor);
      if (!isFresh(message)) return [message];
      // One height's peers are all told the same, or some the truth.
      if ((message.height + salt) % 10 >= chance * 10) return [message];
      traitor.count('byzantine: invalid block');
      const kind = (message.height * 7 + message.round + salt) % (HEADER_CHANGES.length + 3);
      const change = HEADER_CHANGES[kind];
      if (change === undefined) return badTransactions(message, kind - HEADER_CHANGES.length, traitor, peerId);
      const header = change(message.header, traitor);
      return [{ ...propose(traitor, message, { header, transactions: [] }), leafHashes: message.leafHashes }];
    },
  };
}

/** A block whose roots fit and whose transactions do not: one of before, one twice, or one that nobody signed. */
function badTransactions(message: CompactProposal, kind: number, traitor: Traitor, peerId: string) {
  const { node } = traitor;
  const height = Math.max(1, node.height - 1);
  const waiting = node.core?.mempool.offer(3, 100_000).transactions.map(({ bytes }) => bytes) ?? [];
  const send = (transactions: readonly Uint8Array[]): void => {
    const header = { ...message.header, txRoot: transactionsRoot(transactions.map(transactionLeaf)) };
    traitor.send(peerId, propose(traitor, message, { header, transactions: [...transactions] }));
  };
  if (kind === 0) {
    node.executor?.blocks(height, 4, 1_000_000).then(
      (blocks) => send(blocks.flatMap(({ block }) => block.transactions)),
      () => undefined,
    );
  } else if (kind === 1) send([...waiting, ...waiting]);
  else send(waiting.map(unsigned));
  return [];
}

/** The same transaction with a changed signature: its last bytes. */
function unsigned(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[changed.length - 3] = (changed[changed.length - 3] as number) ^ 1;
  return changed;
}
