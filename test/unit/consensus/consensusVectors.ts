import { emptyRecord, encodeJournalRecord } from '../../../consensus/journalRecord.js';
import { encodeMessage, type OutlineMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { RoundChange, Signed, UnsignedMessage } from '../../../consensus/types.js';
import { decodeHeader } from '../../../primitives/block.js';
import { buildCertificate, decodeCertificate } from '../../../primitives/certificate.js';
import { type Evidence, encodeEvidence, evidenceId, proveFault } from '../../../primitives/evidence.js';
import { domainTag } from '../../../primitives/hash.js';
import { prepareDigest } from '../../../primitives/message.js';
import { sign } from '../../../primitives/signature.js';
import type { Certificate } from '../../../primitives/types.js';
import { decodeValidators } from '../../../primitives/validator.js';
import { PROTOCOL_VECTORS } from '../../support/protocolVectors.js';

/** The examples of docs/PROTOCOL.md §Consensus, on top of those of §Formats. */

const genesisHash = domainTag('vostro example genesis');

function formatsVector(name: string): Uint8Array {
  const bytes = PROTOCOL_VECTORS.get(name);
  if (bytes === undefined) throw new Error(`§Formats has no example ${name}`);
  return bytes;
}

/** Validator i of the example has the private key i + 1. */
function privateKey(validator: number): Uint8Array {
  const key = new Uint8Array(32);
  key[31] = validator + 1;
  return key;
}

function signedBy<Message extends UnsignedMessage>(sender: number, message: Message): Signed<Message> {
  return { ...message, sender, signature: sign(messageDigest(genesisHash, message), privateKey(sender)) };
}

const blockHash = formatsVector('block-hash');
const header = decodeHeader(formatsVector('header'));
const vote = { height: 1, round: 0, blockHash };
const prepares = new Map([0, 1, 3].map((index) => [index, sign(prepareDigest(genesisHash, vote), privateKey(index))]));
const prepared = buildCertificate('prepare', vote, 4, prepares);

function roundChange(claim: Certificate | undefined): RoundChange {
  return {
    type: 'roundChange',
    height: 1,
    round: 2,
    preparedRound: claim?.round,
    preparedHash: claim?.blockHash,
    preparedCertificate: claim,
  };
}

const proposal = signedBy(3, {
  type: 'proposal',
  height: 1,
  round: 2,
  blockHash,
  header,
  roundChanges: [
    signedBy(0, roundChange(undefined)),
    signedBy(1, roundChange(prepared)),
    signedBy(3, roundChange(undefined)),
  ],
  preparedCertificate: prepared,
});
const record = {
  ...emptyRecord(1),
  round: 2,
  sent: {
    ...emptyRecord(1).sent,
    prepare: { type: 'prepare', ...vote, round: 2 },
    roundChange: roundChange(undefined),
  },
} as const;

/** What validator 2 is about to build on that block, one member being a quarter of a block ahead. */
const outline: OutlineMessage = {
  type: 'outline',
  height: 2,
  round: 0,
  parentHash: vote.blockHash,
  timestamp: 1_790_000_002_000,
  maxBytes: 65_536,
  maxFuel: 500_000_000,
  leads: [{ member: 'HLDRDE00', millionths: 250_000 }],
  leafHashes: [formatsVector('transaction-leaf')],
};

/** Validator 1 forgets, with its RoundChange for round 2, the Commit that it signed in round 0. */
const evidence = amnesia();

function amnesia(): Evidence {
  const [, validator] = decodeValidators(formatsVector('validators'));
  const found =
    validator && proveFault(validator, signedBy(1, { type: 'commit', ...vote }), signedBy(1, roundChange(undefined)));
  if (found === undefined) throw new Error('these two votes prove a fault');
  return found;
}

export const CONSENSUS_VECTORS: ReadonlyMap<string, Uint8Array> = new Map([
  ['prepare-message', encodeMessage(signedBy(1, { type: 'prepare', ...vote }))],
  ['round-change-message', encodeMessage(signedBy(1, roundChange(prepared)))],
  ['proposal-message', encodeMessage({ ...proposal, leafHashes: [formatsVector('transaction-leaf')] })],
  ['status-message', encodeMessage(signedBy(1, { type: 'status', height: 1, round: 2 }))],
  [
    'certificate-message',
    encodeMessage({ type: 'certificate', certificate: decodeCertificate(formatsVector('certificate')) }),
  ],
  ['outline-message', encodeMessage(outline)],
  ['journal-record', encodeJournalRecord(record)],
  ['evidence', encodeEvidence(evidence)],
  ['evidence-id', evidenceId(evidence)],
  ['evidence-message', encodeMessage({ type: 'evidence', evidence })],
]);
