import { cash } from '../../../contracts/cash/cash.js';
import { payments } from '../../../contracts/payments/payments.js';
import { equalBytes, type Hash, toHex } from '../../../primitives/bytes.js';
import { commitDigest } from '../../../primitives/message.js';
import type { Address, BlockHeader, Certificate, SignatureBackend, Validator } from '../../../primitives/types.js';
import type { LedgerBlock, NodeLedger } from './readLedger.js';

/** A payment whose finality a client has seen the proof of. */
export interface Acknowledged {
  readonly id: string;
  readonly height: number;
}

export interface LedgerExpectations {
  readonly genesisHash: Hash;
  /** The ordered list of every height: no drill changes it. */
  readonly validators: readonly Validator[];
  readonly backend: SignatureBackend;
  readonly acknowledged: readonly Acknowledged[];
  /** Ids that a client was told can never be included. */
  readonly refused: readonly string[];
  /** Heights by which nodes that were stopped one after the other may differ. */
  readonly maxHeightDifference: number;
}

/** What cannot be true of one network, as the databases of its stopped nodes show it; nothing when all is well. */
export function ledgerFaults(ledgers: readonly NodeLedger[], expected: LedgerExpectations): string[] {
  return [
    ...ledgers.flatMap((ledger) => ledger.ownFaults.map((fault) => `${ledger.member}: ${fault}`)),
    ...disagreements(ledgers, expected.maxHeightDifference),
    ...lostFaults(ledgers, expected.acknowledged),
    ...ledgers.flatMap((ledger) => chainFaults(ledger, expected).map((fault) => `${ledger.member}: ${fault}`)),
    ...ledgers.flatMap((ledger) => paymentFaults(ledger, expected).map((fault) => `${ledger.member}: ${fault}`)),
    ...ledgers.flatMap((ledger) => moneyFaults(ledger).map((fault) => `${ledger.member}: ${fault}`)),
  ];
}

function disagreements(ledgers: readonly NodeLedger[], maxDifference: number): string[] {
  const faults: string[] = [];
  const heights = ledgers.map(({ blocks }) => blocks.length - 1);
  if (Math.max(...heights) - Math.min(...heights) > maxDifference) {
    faults.push(`heights differ: ${ledgers.map(({ member }, index) => `${member} ${heights[index]}`).join(', ')}`);
  }
  const [first] = ledgers;
  for (const other of ledgers.slice(1)) {
    const common = Math.min(first?.blocks.length ?? 0, other.blocks.length);
    for (let height = 0; height < common; height++) {
      const [a, b] = [first?.blocks[height], other.blocks[height]] as [LedgerBlock, LedgerBlock];
      if (equalBytes(a.blockHash, b.blockHash) && equalBytes(a.header.stateRoot, b.header.stateRoot)) continue;
      faults.push(`${first?.member} and ${other.member} have different blocks at height ${height}`);
      break;
    }
  }
  return faults;
}

/** What a client has the proof of is on some disk at least; that it is on each that got so far is checked for each. */
function lostFaults(ledgers: readonly NodeLedger[], acknowledged: readonly Acknowledged[]): string[] {
  const highest = Math.max(...ledgers.map(({ blocks }) => blocks.length - 1));
  const lost = acknowledged.filter(({ height }) => height > highest);
  return lost.map(({ id, height }) => `${id} was final at height ${height}, which no node has`);
}

/** Header chain and certificates, without the code that the node checks them with. */
function chainFaults({ blocks }: NodeLedger, expected: LedgerExpectations): string[] {
  const faults: string[] = [];
  for (const [height, block] of blocks.entries()) {
    const { header, certificate } = block;
    const parent = blocks[height - 1];
    if (header.height !== height) faults.push(`height ${height} holds the header of ${header.height}`);
    if (parent === undefined) continue;
    if (!equalBytes(header.parentHash, parent.blockHash)) faults.push(`height ${height} does not follow its parent`);
    if (header.timestamp <= parent.header.timestamp) faults.push(`height ${height} is not later than its parent`);
    const fault = certificate === undefined ? 'no certificate' : certificateFault(block, certificate, expected);
    if (fault !== undefined) faults.push(`height ${height}: ${fault}`);
  }
  return faults;
}

function certificateFault(
  { blockHash, header }: { readonly blockHash: Hash; readonly header: BlockHeader },
  certificate: Certificate,
  { validators, genesisHash, backend }: LedgerExpectations,
): string | undefined {
  const { type, height, round, signerBitmap, signatures } = certificate;
  if (type !== 'commit' || height !== header.height || !equalBytes(certificate.blockHash, blockHash)) {
    return 'its certificate is of something else';
  }
  const signers = validators.flatMap((validator, index) =>
    ((signerBitmap[Math.floor(index / 8)] ?? 0) >> (index % 8)) % 2 === 1 ? [validator] : [],
  );
  const tolerated = Math.floor((validators.length - 1) / 3);
  // More than half of all and of the faulty together: any two such sets share an honest validator.
  if (2 * signers.length <= validators.length + tolerated) return `only ${signers.length} signed it`;
  if (signers.length !== signatures.length) return `${signers.length} signers gave ${signatures.length} signatures`;
  const digest = commitDigest(genesisHash, { height, round, blockHash });
  const isSigned = signers.every(({ publicKey }, index) =>
    backend.verify(signatures[index] ?? new Uint8Array(), digest, publicKey),
  );
  return isSigned ? undefined : 'a signature of its certificate is not valid';
}

/** Every acknowledged payment stands once, where its proof said; nothing stands twice, and nothing that was refused. */
function paymentFaults({ blocks }: NodeLedger, { acknowledged, refused }: LedgerExpectations): string[] {
  const faults: string[] = [];
  const places = new Map<string, { readonly height: number; readonly success: boolean }>();
  for (const [height, { transactions }] of blocks.entries()) {
    for (const { id, success } of transactions) {
      if (places.has(id)) faults.push(`${id} stands at heights ${places.get(id)?.height} and ${height}`);
      places.set(id, { height, success });
    }
  }
  const reached = blocks.length - 1;
  for (const { id, height } of acknowledged) {
    const place = places.get(id);
    if (height > reached) continue;
    if (place === undefined) faults.push(`${id} was final at height ${height} and is lost`);
    else if (place.height !== height || !place.success)
      faults.push(`${id} was final at ${height}, found at ${place.height}`);
  }
  for (const id of refused) if (places.has(id)) faults.push(`${id} was refused for good, and is on the chain`);
  return faults;
}

/** Plays every call of the chain once more on a ledger of its own, and compares it with the state. */
function moneyFaults({ blocks, balances, outstanding }: NodeLedger): string[] {
  const own = new Map<Address, bigint>();
  const add = (account: Address, amount: bigint): void => void own.set(account, (own.get(account) ?? 0n) + amount);
  let issued = 0n;
  for (const { transactions } of blocks) {
    for (const { calls, success } of transactions) {
      if (!success) continue;
      for (const { contract, method, args } of calls) {
        if (contract === 'cash' && method === 'issue') {
          const { account, amount } = cash.methods.issue.args.decode(args);
          add(account, amount);
          issued += amount;
        } else if (contract === 'payments' && method === 'pay') {
          const { debtor, creditor, amount } = payments.methods.pay.args.decode(args);
          add(debtor, -amount);
          add(creditor, amount);
        }
      }
    }
  }
  const faults: string[] = [];
  let sum = 0n;
  for (const [account, balance] of balances) {
    sum += balance;
    if (balance !== (own.get(account) ?? 0n))
      faults.push(`${account} owns ${balance}, its payments say ${own.get(account)}`);
  }
  if (sum !== outstanding || outstanding !== issued) {
    faults.push(`money is made or lost: ${sum} owned, ${outstanding} outstanding, ${issued} issued`);
  }
  return faults;
}

/** The block at which a stopped network stands, for people. */
export function describeHead({ blocks }: NodeLedger): string {
  const head = blocks.at(-1);
  return head === undefined
    ? 'nothing'
    : `height ${head.header.height}, state root ${toHex(head.header.stateRoot).slice(0, 18)}…`;
}
