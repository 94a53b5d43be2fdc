import { expect } from 'chai';
import { LightClient, type TrustedState } from '../../../client/lightClient.js';
import { formatTrustedState, parseTrustedState } from '../../../client/trustedState.js';
import { readUpdate } from '../../../client/verifier.js';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { encodeHeader } from '../../../primitives/block.js';
import { fromHex, type Hex, toHex } from '../../../primitives/bytes.js';
import { encodeCertificate } from '../../../primitives/certificate.js';
import type { TrustedChain } from '../../../primitives/finality.js';
import { LIMITS } from '../../../primitives/limits.js';
import type { FinalityUpdate, Handover } from '../../../primitives/types.js';
import { encodeValidators, validatorsHash } from '../../../primitives/validator.js';
import {
  CHAIN_ID,
  certify,
  GENESIS_HASH,
  handover,
  type TestValidator,
  testHeader,
  testValidators,
} from '../../support/finalityFixture.js';
import { errorOf } from '../../support/rejection.js';

const { backend } = chooseBackend();
const [A, B, C] = [testValidators('a', 4), testValidators('b', 5), testValidators('c', 4)] as const;
const GENESIS: TrustedChain = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators: A };
/** A to B at height 5, B to C at height 12. */
const HANDOVERS = [handover(5, A, B), handover(12, B, C)] as const;

/** An update to a height that these validators decide. */
function updateTo(
  height: number,
  validators: readonly TestValidator[],
  handovers: readonly Handover[] = [],
  timestamp = 1_790_000_000_000,
): FinalityUpdate {
  const hash = validatorsHash(validators);
  const header = testHeader({ height, timestamp, validatorsHash: hash, nextValidatorsHash: hash });
  return { header, certificate: certify(header, validators), handovers };
}

/** The update that is a handover itself. */
const atHandover = ({ header, certificate }: Handover): FinalityUpdate => ({ header, certificate, handovers: [] });

const clientFrom = (trusted: TrustedChain = GENESIS, saved?: TrustedState): LightClient =>
  new LightClient(trusted, { backend }, saved);

function followed(): LightClient {
  const client = clientFrom();
  client.advance(updateTo(20, C, HANDOVERS));
  return client;
}

describe('a light client', () => {
  it('follows headers and changes of validators from genesis', () => {
    const client = clientFrom();
    expect([client.height, client.updateFrom, client.state]).to.deep.equal([0, 0, undefined]);
    expect(client.advance(updateTo(3, A))).to.equal(true);
    expect([client.height, client.updateFrom]).to.deep.equal([3, 0]);
    expect(client.advance(updateTo(20, C, HANDOVERS))).to.equal(true);
    expect([client.height, client.updateFrom]).to.deep.equal([20, 12]);
    expect(client.validators.map(({ address }) => address)).to.deep.equal(C.map(({ address }) => address));
    expect(client.handovers.map(({ height }) => height)).to.deep.equal([5, 12]);
    expect(client.advance(updateTo(21, C))).to.equal(true);
    expect(client.newest?.header.height).to.equal(21);
  });

  it('follows from a header that was trusted before, without what came before it', () => {
    const client = clientFrom({ ...GENESIS, validators: B, height: 8 });
    expect(client.height).to.equal(8);
    expect(client.advance(updateTo(20, C, [HANDOVERS[1]]))).to.equal(true);
    // A proof carries every change since genesis: those before what is trusted are not looked at.
    expect(client.verifyHeader(updateTo(22, C, HANDOVERS), false).header.height).to.equal(22);
    expect(errorOf(() => client.verifyHeader(updateTo(6, B, [HANDOVERS[0]]), false)).code).to.equal(
      'PROOF_HEIGHT_NOT_COVERED',
    );
  });

  it('follows through a header that hands over itself', () => {
    const client = clientFrom();
    client.advance(atHandover(HANDOVERS[0]));
    expect([client.height, client.updateFrom]).to.deep.equal([5, 0]);
    expect(client.advance(updateTo(6, B, [HANDOVERS[0]]))).to.equal(true);
    expect(client.updateFrom).to.equal(5);
  });

  it('is not moved by an older header', () => {
    const client = followed();
    expect(client.advance(updateTo(15, C))).to.equal(false);
    expect(client.height).to.equal(20);
    expect(errorOf(() => client.advance(updateTo(7, B))).code).to.equal('PROOF_HEIGHT_NOT_COVERED');
  });

  it('goes on from what it kept, which is text', () => {
    const kept = formatTrustedState(followed().state as TrustedState);
    let checks = 0;
    const verify: typeof backend.verify = (...args) => {
      checks++;
      return backend.verify(...args);
    };
    const client = new LightClient(GENESIS, { backend: { ...backend, verify } }, parseTrustedState(kept));
    expect([client.height, client.updateFrom, checks]).to.deep.equal([20, 12, 0]);
    expect(client.advance(updateTo(30, C))).to.equal(true);
    expect(checks).to.equal(3);
    expect(formatTrustedState(followed().state as TrustedState)).to.equal(kept);
    // Older proofs are still verified, and against the same changes of validators.
    expect(client.verifyHeader(updateTo(7, B, [HANDOVERS[0]]), false).header.height).to.equal(7);
  });

  describe('refuses a fork', () => {
    const forks: Readonly<Record<string, FinalityUpdate>> = {
      'at the trusted height': updateTo(20, C, HANDOVERS, 1),
      'above it, by validators that were replaced': updateTo(25, A),
      'above it, over another change of validators': updateTo(25, A, [handover(5, A, testValidators('d', 4))]),
      'whose change of validators lies below the trusted header': updateTo(25, A, [
        ...HANDOVERS,
        handover(15, C, testValidators('d', 4)),
      ]),
      'whose change of validators is at the trusted height': updateTo(25, A, [
        ...HANDOVERS,
        handover(20, C, testValidators('d', 4)),
      ]),
      'at the height of a change of validators': updateTo(5, A, [], 1),
      'with a change of validators before a known one': updateTo(4, testValidators('d', 4), [
        handover(3, A, testValidators('d', 4)),
      ]),
    };
    for (const [name, fork] of Object.entries(forks)) {
      it(name, () => {
        const client = followed();
        // A proof may begin at genesis again; the last validators of the fork sign it.
        const signers = fork.handovers.at(-1)?.nextValidators.length === 4 ? testValidators('d', 4) : undefined;
        const proof = signers === undefined || fork.header.height !== 25 ? fork : updateTo(25, signers, fork.handovers);
        expect(errorOf(() => client.verifyHeader(proof, true)).code).to.equal('CHAIN_FORKED');
        expect(client.height).to.equal(20);
        expect(client.handovers).to.have.length(2);
      });
    }

    it('after a restart, too', () => {
      const client = clientFrom(GENESIS, followed().state);
      expect(errorOf(() => client.advance(updateTo(20, C, [], 1))).code).to.equal('CHAIN_FORKED');
    });
  });

  it('refuses a chain of another genesis', () => {
    const client = clientFrom({ ...GENESIS, genesisHash: new Uint8Array(32).fill(1) });
    expect(errorOf(() => client.advance(updateTo(3, A))).code).to.equal('PROOF_CERTIFICATE_INVALID');
    const other = clientFrom({ ...GENESIS, chainId: 'another' });
    expect(errorOf(() => other.advance(updateTo(3, A))).code).to.equal('PROOF_CHAIN_MISMATCH');
  });

  it('refuses an update of which any byte is another', () => {
    const update = updateTo(20, C, HANDOVERS);
    const hex = (bytes: Uint8Array): Hex => toHex(bytes);
    const parts = [
      hex(encodeHeader(update.header)),
      hex(encodeCertificate(update.certificate)),
      ...HANDOVERS.flatMap(({ header, certificate, nextValidators }) => [
        hex(encodeHeader(header)),
        hex(encodeCertificate(certificate)),
        hex(encodeValidators(nextValidators)),
      ]),
    ];
    const updateOf = ([header = '0x', certificate = '0x', ...rest]: readonly Hex[]): FinalityUpdate =>
      readUpdate({
        header,
        certificate,
        handovers: [rest.slice(0, 3), rest.slice(3)].map(([head, seal, validators]) => ({
          header: head as Hex,
          certificate: seal as Hex,
          validators: validators as Hex,
        })),
      });
    expect(clientFrom().advance(updateOf(parts))).to.equal(true);
    const client = clientFrom();
    for (const [index, part] of parts.entries()) {
      const bytes = fromHex(part);
      for (let position = 0; position < bytes.length; position += 3) {
        const changed = bytes.slice();
        changed[position] = (changed[position] ?? 0) ^ 1;
        const forged = parts.with(index, toHex(changed));
        expect(() => client.advance(updateOf(forged)), `part ${index}, byte ${position}`).to.throw();
      }
    }
    expect([client.height, client.handovers.length]).to.deep.equal([0, 0]);
  });

  describe('refuses a kept state', () => {
    const state = followed().state as TrustedState;
    const wrong: Readonly<Record<string, TrustedState>> = {
      'of another genesis': { ...state, genesisHash: new Uint8Array(32) },
      'of another chain': { ...state, header: { ...state.header, chainId: 'another' } },
      'of other first validators': { ...state, base: { height: 0, validators: B } },
      'whose header other validators decide': {
        ...state,
        header: { ...state.header, validatorsHash: validatorsHash(A) },
      },
      'whose changes of validators are out of order': { ...state, handovers: state.handovers.toReversed() },
      'whose header is older than its last change of validators': { ...state, header: { ...state.header, height: 12 } },
      'of genesis alone': {
        ...state,
        handovers: [],
        header: { ...state.header, height: 0, validatorsHash: validatorsHash(A) },
      },
    };
    for (const [name, saved] of Object.entries(wrong)) {
      it(name, () => {
        expect(errorOf(() => clientFrom(GENESIS, saved)).code).to.equal('TRUSTED_STATE_INVALID');
      });
    }

    it('that does not decode', () => {
      for (const text of ['', '{}', 'null', formatTrustedState(state).replace('"version": 1', '"version": 2')]) {
        expect(errorOf(() => parseTrustedState(text)).code).to.equal('TRUSTED_STATE_INVALID');
      }
    });
  });

  it('keeps a bounded number of changes of validators, and goes on from the oldest that it keeps', () => {
    const client = clientFrom({ ...GENESIS, validators: testValidators('0', 1) });
    const count = LIMITS.handoversPerProof + 3;
    let before = testValidators('0', 1);
    for (let height = 1; height <= count; height++) {
      const after = testValidators(`${height % 2 === 0 ? 'even' : 'odd'}`, 1);
      client.advance(updateTo(2 * height + 1, after, [handover(2 * height, before, after)]));
      before = after;
    }
    expect(client.handovers).to.have.length(LIMITS.handoversPerProof);
    const restored = clientFrom({ ...GENESIS, validators: testValidators('0', 1) }, client.state);
    expect(restored.height).to.equal(2 * count + 1);
    expect(restored.advance(updateTo(2 * count + 2, before))).to.equal(true);
  });
});
