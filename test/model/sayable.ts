import type { Proposal, RoundChange, Signed, SignedMessage } from '../../consensus/types.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import type { Certificate } from '../../primitives/types.js';
import { leaderIndex, quorum } from '../../primitives/validator.js';
import { certify, indices, payloadOf, signAs } from '../scenarios/protocol/fixture.js';
import { type Blocks, claimKey } from './localNode.js';

export const COUNT = 4;
export const QUORUM = quorum(COUNT);
const HEIGHT = 1;
/** Blocks that a faulty leader makes for one round. */
const VARIANTS = [0, 1] as const;

/** What honest validators have released, by key. */
export type Messages = ReadonlyMap<string, SignedMessage>;

/** What can be said, and proven, once honest validators have said something: by them and by faulty ones. */
export class Sayable {
  constructor(
    private readonly blocks: Blocks,
    private readonly faulty: readonly number[],
    private readonly maxRound: number,
  ) {}

  /** Votes of others for a block, those of faulty ones included: they vote for everything. */
  votesFor(said: Messages, type: 'prepare' | 'commit', round: number, blockHash: Hash, node: number): SignedMessage[] {
    const vote = { type, height: HEIGHT, round, blockHash };
    return indices(COUNT).flatMap((sender) => {
      if (sender === node) return [];
      const message = signAs(sender, vote);
      return this.faulty.includes(sender) || said.has(messageKey(message)) ? [message] : [];
    });
  }

  /** Rounds and blocks for which some honest validator has released a Commit. */
  committedBlocks(said: Messages): (readonly [number, Hash])[] {
    const found = new Map<string, readonly [number, Hash]>();
    for (const message of said.values()) {
      if (message.type !== 'commit') continue;
      found.set(`${message.round} ${toHex(message.blockHash)}`, [message.round, message.blockHash]);
    }
    return [...found.values()];
  }

  /** Those that honest ones released, and those that faulty ones can sign: with every claim that they can prove. */
  roundChanges(said: Messages): Signed<RoundChange>[] {
    const honest = [...said.values()].filter((message) => message.type === 'roundChange');
    const certificates = this.#certificates(said);
    const faulty: Signed<RoundChange>[] = [];
    for (const sender of this.faulty) {
      for (let round = 1; round <= this.maxRound; round++) {
        for (const certificate of [undefined, ...certificates.filter((known) => known.round < round)]) {
          faulty.push(
            signAs(sender, {
              type: 'roundChange',
              height: HEIGHT,
              round,
              preparedRound: certificate?.round,
              preparedHash: certificate?.blockHash,
              preparedCertificate: certificate,
            }),
          );
        }
      }
    }
    return [...honest, ...faulty];
  }

  /** Every prepare certificate that can be put together of what was said. */
  #certificates(said: Messages): Certificate[] {
    const signers = new Map<string, { readonly vote: { round: number; blockHash: Hash }; readonly by: Set<number> }>();
    for (const message of said.values()) {
      if (message.type !== 'prepare') continue;
      const { round, blockHash, sender } = message;
      const key = `${round} ${toHex(blockHash)}`;
      const entry = signers.get(key) ?? { vote: { round, blockHash }, by: new Set(this.faulty) };
      entry.by.add(sender);
      signers.set(key, entry);
    }
    return [...signers.values()]
      .filter(({ by }) => by.size >= QUORUM)
      .map(({ vote, by }) => certify('prepare', { height: HEIGHT, ...vote }, [...by], COUNT));
  }

  /** Every proposal of a faulty leader that comes near to being justified; the others are refused at once. */
  proposals(said: Messages): Signed<Proposal>[] {
    const proposals: Signed<Proposal>[] = [];
    for (let round = 0; round <= this.maxRound; round++) {
      const leader = leaderIndex(HEIGHT, round, COUNT);
      if (!this.faulty.includes(leader)) continue;
      if (round === 0) {
        for (const variant of VARIANTS) {
          const { blockHash, header } = this.blocks.make(leader, round, variant);
          const rest = { roundChanges: [], preparedCertificate: undefined };
          proposals.push(signAs(leader, { type: 'proposal', height: HEIGHT, round, blockHash, header, ...rest }));
        }
        continue;
      }
      const certificates = this.#certificates(said).filter((certificate) => certificate.round < round);
      for (const roundChanges of this.#quorumsFor(said, round)) {
        proposals.push(...this.#withRoundChanges(leader, round, roundChanges, certificates));
      }
    }
    return proposals;
  }

  /** With these round changes: every certificate that there is or none, for its own block and for others. */
  #withRoundChanges(
    leader: number,
    round: number,
    roundChanges: readonly Signed<RoundChange>[],
    certificates: readonly Certificate[],
  ): Signed<Proposal>[] {
    const claims = roundChanges.map((message) => ({ ...message, preparedCertificate: undefined }));
    const bodies = [
      ...VARIANTS.map((variant) => this.blocks.make(leader, round, variant)),
      ...certificates.map(({ blockHash }) => ({ blockHash, header: this.blocks.header(blockHash) })),
    ];
    const common = { type: 'proposal', height: HEIGHT, round, roundChanges: claims } as const;
    return [undefined, ...certificates].flatMap((preparedCertificate) =>
      bodies.map(({ blockHash, header }) => signAs(leader, { ...common, blockHash, header, preparedCertificate })),
    );
  }

  /** Every choice of q round changes of distinct senders for exactly this round. */
  #quorumsFor(said: Messages, round: number): Signed<RoundChange>[][] {
    const all = this.roundChanges(said).filter((message) => message.round === round);
    const bySender = indices(COUNT).map((sender) => all.filter((message) => message.sender === sender));
    const choose = (sender: number, chosen: Signed<RoundChange>[]): Signed<RoundChange>[][] => {
      if (chosen.length === QUORUM) return [chosen];
      if (sender === COUNT) return [];
      const withOne = (bySender[sender] ?? []).flatMap((message) => choose(sender + 1, [...chosen, message]));
      return [...withOne, ...choose(sender + 1, chosen)];
    };
    return choose(0, []);
  }

  /** §Safety, Agreement: once q may have committed to a block, nothing else can be prepared in that round or later. */
  lostLock(said: Messages): string | undefined {
    for (const [round, hash] of this.committedBlocks(said)) {
      const commits = this.votesFor(said, 'commit', round, hash, -1);
      if (commits.length < QUORUM) continue;
      const other = this.#certificates(said).find(
        (certificate) => certificate.round >= round && !equalBytes(certificate.blockHash, hash),
      );
      if (other !== undefined)
        return `another block is prepared in round ${other.round} than was committed to in ${round}`;
    }
    return undefined;
  }
}

export function doubleSignature(said: Messages): string | undefined {
  const first = new Map<string, string>();
  for (const message of said.values()) {
    const place = `${message.sender} ${message.type} ${message.round}`;
    const payload = payloadOf(message);
    const known = first.get(place) ?? payload;
    if (known !== payload) return `an honest validator signed both ${known} and ${payload}`;
    first.set(place, payload);
  }
  return undefined;
}

export function messageKey(message: SignedMessage): string {
  const { type, sender, round } = message;
  switch (type) {
    case 'status':
      return `s${sender}.${round}`;
    case 'roundChange':
      return `r${sender}.${claimKey(message)}`;
    case 'proposal': {
      const claims = message.roundChanges.map((claim) => `${claim.sender}:${claimKey(claim)}`);
      const proof = message.preparedCertificate === undefined ? '' : `!${message.preparedCertificate.round}`;
      return `P${sender}.${round}.${toHex(message.blockHash).slice(2, 10)}${proof}(${claims.join(' ')})`;
    }
    default:
      return `${type === 'prepare' ? 'p' : 'c'}${sender}.${round}.${toHex(message.blockHash).slice(2, 10)}`;
  }
}
