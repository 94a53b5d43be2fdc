import { NOTHING_SENT } from '../../../consensus/heightState.js';
import { checkSigning, type SigningState } from '../../../consensus/signingGuard.js';
import type { JournalRecord, Vote } from '../../../consensus/types.js';
import { type Hash, toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Certificate, Validator } from '../../../primitives/types.js';
import { isStandInCertificate, payloadOf } from './fixture.js';

/**
 * Watches from outside, across every crash: that honest nodes decide the same, by certificates that hold, and sign
 * nothing that the signing guard would not let them, whatever they remember themselves.
 */
export class Checker {
  readonly violations: string[] = [];
  readonly #decided = new Map<number, string>();
  readonly #guards = new Map<number, SigningState>();
  readonly #payloads = new Map<string, string>();

  decided(node: number, height: number, blockHash: Hash, certificate: Certificate, list: readonly Validator[]): void {
    const hash = toHex(blockHash);
    const first = this.#decided.get(height) ?? hash;
    this.#decided.set(height, first);
    if (first !== hash) this.#violate(`fork: node ${node} decides ${hash} at ${height}, another one ${first}`);
    const isCertified =
      certificate.type === 'commit' && certificate.height === height && toHex(certificate.blockHash) === hash;
    if (!isCertified || !isStandInCertificate(certificate, list)) {
      this.#violate(`unproven: node ${node} decides ${hash} at ${height} without its certificate`);
    }
  }

  signed(node: number, vote: Vote, record: JournalRecord, list: readonly Validator[]): void {
    const guard = this.#guards.get(node) ?? { height: 0, sent: NOTHING_SENT };
    try {
      const isValid = (certificate: Certificate) => isStandInCertificate(certificate, list);
      this.#guards.set(node, checkSigning(guard, vote, { prepared: record.prepared, isValid }));
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.#violate(`signing: node ${node}: ${error.code}: ${error.message}`);
    }
    this.#neverTwice(node, vote);
  }

  /** By another way than the guard's: every payload ever signed, by its place. */
  #neverTwice(node: number, vote: Vote): void {
    const place = `${node} ${vote.type} ${vote.height} ${vote.round}`;
    const payload = payloadOf(vote);
    const first = this.#payloads.get(place) ?? payload;
    this.#payloads.set(place, first);
    if (first !== payload) this.#violate(`double sign: node ${node} signs ${payload} after ${first}`);
  }

  #violate(violation: string): void {
    this.violations.push(violation);
  }
}
