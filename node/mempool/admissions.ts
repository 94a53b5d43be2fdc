import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import type { DecodedTransaction } from '../../primitives/types.js';
import type { SenderReference } from '../execution/types.js';
import type { Metrics } from '../ops/ports.js';
import type { SignatureCheck, SignatureVerifier } from '../signatures/types.js';
import { byteString } from '../storage/rowCodec.js';
import type { AdmissionGate } from './admissionGate.js';
import { busy, isRelayerFault, referenceConflict, signatureInvalid, spaceLow } from './errors.js';
import { METRIC } from './metrics.js';
import { referenceKey } from './pendingEntry.js';
import { Slab } from './slab.js';
import type { AdmissionResult, RequireCalls } from './types.js';

/** What admission asks of what waits and of its rules. */
export interface AdmissionRoom {
  /** Commits so far: what was learnt before one may be wrong after it. */
  readonly commits: number;
  /** What a transaction says by itself. @throws MempoolError */
  decode(bytes: Uint8Array): DecodedTransaction;
  /** The one that waits under a reference. */
  waitingId(referenceKey: string): Hash | undefined;
  /** False when no block of the window holds the reference for certain. */
  mayBeUsed(referenceKey: string): boolean;
  /** What the rules and the member's share let in now. @throws MempoolError */
  requireRoom(transaction: DecodedTransaction): void;
  isChecked(leafKey: string): boolean;
  onChecked(leafKey: string): void;
  /** @throws MempoolError */
  signatureChecks(transaction: DecodedTransaction): readonly SignatureCheck[];
  /** Keeps what has room. @throws MempoolError */
  keep(transaction: DecodedTransaction, keys: { readonly leafKey: string; readonly referenceKey: string }): void;
  /** After some were kept. */
  onKept(): void;
}

export interface AdmissionModules {
  readonly gate: AdmissionGate;
  readonly room: AdmissionRoom;
  readonly verifier: SignatureVerifier;
  readonly metrics: Metrics;
  readonly referenceOwners: (references: readonly SenderReference[]) => Promise<readonly (Hash | undefined)[]>;
  readonly relay: (transactions: readonly Uint8Array[]) => void;
  readonly hasSpace: () => boolean;
  readonly onRelayerFault: (peerId: string, fault: CodedError) => void;
}

/** Whose a batch is. */
export interface AdmissionSource {
  readonly name: 'submitted' | 'relayed';
  /** The relayer. */
  readonly peerId?: string;
  readonly requireCalls?: RequireCalls;
}

/** Looks for the owners of references, each with a commit in between, before we give up. */
const MAX_LOOKS = 8;
/** Transactions of one batch: those of a larger one need not wait until the last of them is checked. */
const MAX_BATCH = 256;

/** One of a batch, on its way in. */
interface Arrival {
  readonly position: number;
  readonly transaction: DecodedTransaction;
  readonly leafKey: string;
  readonly referenceKey: string;
}

/** Those that came in together: looked at, checked, kept and passed on together, each with a result of its own. */
class Batch {
  readonly results: (AdmissionResult | undefined)[];
  readonly arrivals: Arrival[] = [];
  /** The same bytes are on their way in already: their result is the one of these. */
  readonly joined: { readonly position: number; readonly batch: Batch; readonly at: number }[] = [];
  enteredBytes = 0;
  entered = 0;
  /** When the arrivals have their results. */
  settled: Promise<void> = Promise.resolve();

  constructor(size: number) {
    this.results = new Array<AdmissionResult | undefined>(size).fill(undefined);
  }

  refuse({ position }: Arrival, error: CodedError): void {
    this.results[position] = { error };
  }

  isOpen({ position }: Arrival): boolean {
    return this.results[position] === undefined;
  }
}

/**
 * The way in, for whole batches. Cheap rules are looked at before signatures, and everything that may have changed while
 * signatures were checked is looked at again in the same turn in which a transaction is kept.
 */
export class Admissions {
  /** By leaf: the same bytes that come again while they are checked wait for the one answer. */
  private readonly running = new Map<string, { readonly batch: Batch; readonly at: number }>();

  constructor(private readonly modules: AdmissionModules) {}

  /** One result for each transaction, in order. Rejects only for what is no coded error: a bug. */
  async admit(transactions: readonly Uint8Array[], source: AdmissionSource): Promise<readonly AdmissionResult[]> {
    if (transactions.length <= MAX_BATCH) return this.admitBatch(transactions, source);
    const batches: Promise<readonly AdmissionResult[]>[] = [];
    for (let from = 0; from < transactions.length; from += MAX_BATCH) {
      batches.push(this.admitBatch(transactions.slice(from, from + MAX_BATCH), source));
    }
    return (await Promise.all(batches)).flat();
  }

  private async admitBatch(
    transactions: readonly Uint8Array[],
    source: AdmissionSource,
  ): Promise<readonly AdmissionResult[]> {
    const batch = new Batch(transactions.length);
    try {
      try {
        this.enter(transactions, batch, source.peerId);
      } catch (error) {
        // Nobody has joined it yet, and nobody may: it will have no results.
        this.forget(batch);
        throw error;
      }
      batch.settled = this.settle(batch, source).finally(() => this.forget(batch));
      await batch.settled;
      await takeJoined(batch);
    } finally {
      this.modules.gate.leave(batch.entered, batch.enteredBytes, source.peerId);
    }
    this.count(batch, source);
    return batch.results as readonly AdmissionResult[];
  }

  private forget({ arrivals }: Batch): void {
    for (const { leafKey } of arrivals) this.running.delete(leafKey);
  }

  /** What needs no waiting: room at the gate, the bytes by themselves, and whether they are on their way in already. */
  private enter(transactions: readonly Uint8Array[], batch: Batch, peerId: string | undefined): void {
    const { gate, room } = this.modules;
    let totalBytes = 0;
    for (const { length } of transactions) totalBytes += length;
    const slab = new Slab(totalBytes);
    for (const [position, bytes] of transactions.entries()) {
      try {
        gate.enter(bytes.length, peerId);
        batch.entered++;
        batch.enteredBytes += bytes.length;
        const transaction = room.decode(slab.own(bytes));
        this.join(batch, position, transaction);
      } catch (error) {
        batch.results[position] = { error: codedOrThrow(error) };
      }
    }
  }

  private join(batch: Batch, position: number, transaction: DecodedTransaction): void {
    const leafKey = byteString(transaction.leafHash);
    const running = this.running.get(leafKey);
    if (running !== undefined) {
      batch.joined.push({ position, ...running });
      return;
    }
    this.running.set(leafKey, { batch, at: position });
    const { sender, reference } = transaction.body;
    batch.arrivals.push({ position, transaction, leafKey, referenceKey: referenceKey(sender, reference) });
  }

  private async settle(batch: Batch, { name, requireCalls }: AdmissionSource): Promise<void> {
    const { room } = this.modules;
    let open = await this.findUnknown(batch, batch.arrivals);
    open = this.withRoom(batch, open);
    open = await this.signed(batch, open);
    // Only of who has signed: an answer may have to be waited for.
    if (requireCalls !== undefined) open = await accepted(batch, open, requireCalls);
    for (let look = 0; look < MAX_LOOKS && open.length > 0; look++) {
      const { commits } = room;
      open = await this.findUnknown(batch, open);
      // A commit meanwhile may have used a reference: only a look that none came between is believed.
      if (commits !== room.commits) continue;
      const kept = this.keep(batch, open);
      if (name === 'submitted' && kept.length > 0) this.modules.relay(kept);
      return;
    }
    for (const arrival of open) batch.refuse(arrival, busy('looks at a reference between two commits', MAX_LOOKS));
  }

  /** Those that neither wait nor stand on the chain, in their order; the others have their results. */
  private async findUnknown(batch: Batch, arrivals: readonly Arrival[]): Promise<readonly Arrival[]> {
    const { room } = this.modules;
    const asked: Arrival[] = [];
    let settled = 0;
    for (const arrival of arrivals) {
      const waiting = room.waitingId(arrival.referenceKey);
      if (waiting !== undefined) {
        batch.results[arrival.position] = knownOrConflict(waiting, arrival);
        settled++;
      } else if (room.mayBeUsed(arrival.referenceKey)) asked.push(arrival);
    }
    if (asked.length > 0) await this.askOwners(batch, asked);
    return asked.length > 0 || settled > 0 ? arrivals.filter((arrival) => batch.isOpen(arrival)) : arrivals;
  }

  private async askOwners(batch: Batch, asked: readonly Arrival[]): Promise<void> {
    const references = asked.map(({ transaction: { body } }) => ({ sender: body.sender, reference: body.reference }));
    try {
      const owners = await this.modules.referenceOwners(references);
      for (const [index, arrival] of asked.entries()) {
        const owner = owners[index];
        if (owner !== undefined) batch.results[arrival.position] = knownOrConflict(owner, arrival);
      }
    } catch (error) {
      const coded = codedOrThrow(error);
      for (const arrival of asked) batch.refuse(arrival, coded);
    }
  }

  private withRoom(batch: Batch, arrivals: readonly Arrival[]): readonly Arrival[] {
    if (arrivals.length === 0) return arrivals;
    const { room, hasSpace } = this.modules;
    const isLow = !hasSpace();
    return arrivals.filter((arrival) => {
      try {
        if (isLow) throw spaceLow();
        room.requireRoom(arrival.transaction);
        return true;
      } catch (error) {
        batch.refuse(arrival, codedOrThrow(error));
        return false;
      }
    });
  }

  /** Those whose signatures are valid. All that are not known to be are asked about at once. */
  private async signed(batch: Batch, arrivals: readonly Arrival[]): Promise<readonly Arrival[]> {
    const { room, verifier, metrics } = this.modules;
    const checks: SignatureCheck[] = [];
    const unchecked: Arrival[] = [];
    for (const arrival of arrivals) {
      if (room.isChecked(arrival.leafKey)) continue;
      try {
        for (const check of room.signatureChecks(arrival.transaction)) checks.push(check);
        unchecked.push(arrival);
      } catch (error) {
        batch.refuse(arrival, codedOrThrow(error));
      }
    }
    if (checks.length > 0) {
      metrics.count(METRIC.checked, checks.length, { purpose: 'admission' });
      try {
        this.takeAnswers(batch, unchecked, await verifier.verifyMany(checks));
      } catch (error) {
        const coded = codedOrThrow(error);
        for (const arrival of unchecked) batch.refuse(arrival, coded);
      }
    }
    return arrivals.filter((arrival) => batch.isOpen(arrival));
  }

  private takeAnswers(batch: Batch, arrivals: readonly Arrival[], answers: readonly boolean[]): void {
    let next = 0;
    for (const arrival of arrivals) {
      const { signers } = arrival.transaction.body;
      const first = next;
      next += signers.length;
      const invalid = signers.find((_, index) => answers[first + index] !== true);
      if (invalid === undefined) this.modules.room.onChecked(arrival.leafKey);
      else batch.refuse(arrival, signatureInvalid(invalid));
    }
  }

  /** Without a pause between the last look and the deed. @returns the bytes of those that were kept */
  private keep(batch: Batch, arrivals: readonly Arrival[]): readonly Uint8Array[] {
    const { room } = this.modules;
    const kept: Uint8Array[] = [];
    for (const arrival of arrivals) {
      const { position, transaction } = arrival;
      // One that was kept just now may have the same reference.
      const waiting = room.waitingId(arrival.referenceKey);
      try {
        if (waiting !== undefined) {
          batch.results[position] = knownOrConflict(waiting, arrival);
          continue;
        }
        room.keep(transaction, arrival);
        batch.results[position] = { id: transaction.id, status: 'accepted' };
        kept.push(transaction.bytes);
      } catch (error) {
        batch.refuse(arrival, codedOrThrow(error));
      }
    }
    if (kept.length > 0) room.onKept();
    return kept;
  }

  private count({ results }: Batch, { name: source, peerId }: AdmissionSource): void {
    const { metrics, onRelayerFault } = this.modules;
    const counts = new Map<string, number>();
    for (const result of results as readonly AdmissionResult[]) {
      const outcome = 'error' in result ? result.error.code : result.status;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if ('error' in result && peerId !== undefined && isRelayerFault(outcome)) onRelayerFault(peerId, result.error);
    }
    for (const [outcome, count] of counts) {
      if (outcome === 'accepted' || outcome === 'known') {
        metrics.count(METRIC.admitted, count, { source, status: outcome });
      } else metrics.count(METRIC.refused, count, { source, code: outcome });
    }
  }
}

/** Those whose calls the door takes. */
async function accepted(
  batch: Batch,
  arrivals: readonly Arrival[],
  requireCalls: RequireCalls,
): Promise<readonly Arrival[]> {
  for (const arrival of arrivals) {
    try {
      // Most are answered at once.
      const answer = requireCalls(arrival.transaction.body.calls);
      if (answer !== undefined) await answer;
    } catch (error) {
      batch.refuse(arrival, codedOrThrow(error));
    }
  }
  return arrivals.filter((arrival) => batch.isOpen(arrival));
}

/** Results of those that came in before, in this batch or in another that is still on its way in. */
async function takeJoined(batch: Batch): Promise<void> {
  for (const { position, batch: other, at } of batch.joined) {
    await other.settled;
    const result = other.results[at] as AdmissionResult;
    batch.results[position] = 'error' in result ? result : { id: result.id, status: 'known' };
  }
}

function knownOrConflict(owner: Hash, { transaction: { id } }: Arrival): AdmissionResult {
  return equalBytes(owner, id) ? { id, status: 'known' } : { error: referenceConflict(owner, id) };
}

/** What is no coded error is a bug, and none of the batch's. */
function codedOrThrow(error: unknown): CodedError {
  if (isCodedError(error)) return error;
  throw error;
}
