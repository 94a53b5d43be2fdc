import { expect } from 'chai';
import fc from 'fast-check';
import { type AuthenticatedState, openAuthenticatedState } from '../../../node/state/authenticatedState.js';
import { toHex } from '../../../primitives/bytes.js';
import { pureHasher } from '../../../primitives/merkle.js';
import {
  decodeStateProof,
  encodeStateProof,
  type StateProof,
  verifyStateProof,
} from '../../../primitives/stateProof.js';
import { type StateTreeShape, stateValueHash } from '../../../primitives/stateTree.js';
import { bytesOf } from '../../support/naiveStateTree.js';
import { errorOf } from '../../support/rejection.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

const SHAPE: StateTreeShape = { treeDepth: 2, pageEntries: 2 };
const PRESENT = Array.from({ length: 23 }, (_, number) => `present${number}`);
const ABSENT = Array.from({ length: 23 }, (_, number) => `absent${number}`);
const valueFor = (key: string) => bytesOf(`value of ${key}`);

describe('a state proof', () => {
  let chain: TemporaryChain;
  let state: AuthenticatedState;

  before(async () => {
    chain = await TemporaryChain.create();
    const database = await chain.open();
    state = await openAuthenticatedState(SHAPE, { database, hasher: pureHasher });
    const batch = database.batch();
    state.commit(state.prepare(new Map(PRESENT.map((key) => [key, valueFor(key)]))), batch);
    await batch.write();
  });

  after(async () => {
    await chain.remove();
  });

  const verify = (proof: StateProof, key: string) => verifyStateProof(proof, bytesOf(key), state.root(), SHAPE);

  it('shows the hash of every value', () => {
    for (const key of PRESENT) {
      expect(toHex(verify(state.prove(key), key) as Uint8Array)).to.equal(toHex(stateValueHash(valueFor(key))));
    }
  });

  it('shows that every other key has none', () => {
    for (const key of ABSENT) expect(verify(state.prove(key), key)).to.equal(undefined);
  });

  it('keeps its bytes, and reads no others', () => {
    for (const key of [...PRESENT, ...ABSENT]) {
      const bytes = encodeStateProof(state.prove(key));
      expect(toHex(encodeStateProof(decodeStateProof(bytes)))).to.equal(toHex(bytes));
    }
  });

  it('is refused after any one byte of it changed', () => {
    const key = fc.constantFrom(...PRESENT, ...ABSENT);
    fc.assert(
      fc.property(key, fc.nat(), fc.integer({ min: 1, max: 255 }), (name, position, difference) => {
        const bytes = encodeStateProof(state.prove(name));
        const at = position % bytes.length;
        bytes[at] = (bytes[at] as number) ^ difference;
        expect(errorOf(() => verify(decodeStateProof(bytes), name)).code).to.match(/^(STATE|RLP|VERSION|COUNT|INPUT)_/);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  // PROTOCOL §Proofs P3.
  it('proves nothing about a key on another way, under another root or of another shape', () => {
    const proof = state.prove('present0');
    const codes = new Set(
      ABSENT.filter((key) => toHex(state.prove(key).entries) !== toHex(proof.entries)).map(
        (key) => errorOf(() => verify(proof, key)).code,
      ),
    );
    expect([...codes].every((code) => /^STATE_(PAGE_MISPLACED|ROOT_MISMATCH)$/.test(code))).to.equal(true);
    const root = state.root();
    root[0] = (root[0] as number) ^ 1;
    expect(errorOf(() => verifyStateProof(proof, bytesOf('present0'), root, SHAPE)).code).to.equal(
      'STATE_ROOT_MISMATCH',
    );
    const wider = { treeDepth: 2, pageEntries: 3 };
    expect(errorOf(() => verifyStateProof(proof, bytesOf('present0'), state.root(), wider)).code).to.equal(
      'STATE_ROOT_MISMATCH',
    );
  });

  // PROTOCOL §Proofs P1, P2.
  it('cannot leave an entry out, put one in twice, or end above the fixed depth', () => {
    const key = PRESENT.find((name) => state.prove(name).entries.length === 128) as string;
    const proof = state.prove(key);
    const { entries, siblings } = proof;
    const refusals: readonly [StateProof, string][] = [
      [{ entries: entries.subarray(0, 64), siblings }, 'STATE_ROOT_MISMATCH'],
      [{ entries: entries.subarray(0, 100), siblings }, 'STATE_PAGE_MALFORMED'],
      [{ entries: Uint8Array.from([...entries, ...entries.subarray(64)]), siblings }, 'STATE_PAGE_TOO_FULL'],
      [
        { entries: Uint8Array.from([...entries.subarray(64), ...entries.subarray(0, 64)]), siblings },
        'STATE_PAGE_UNSORTED',
      ],
      [{ entries, siblings: siblings.slice(0, 1) }, 'STATE_PATH_LENGTH'],
      [{ entries, siblings: siblings.map((node) => node.subarray(1)) }, 'STATE_PATH_LENGTH'],
      [{ entries, siblings: Array.from({ length: 257 }, () => new Uint8Array(32)) }, 'STATE_PATH_LENGTH'],
    ];
    for (const [forged, code] of refusals) expect(errorOf(() => verify(forged, key)).code).to.equal(code);
  });

  it('needs a shape that a tree can have', () => {
    const proof = state.prove('present0');
    for (const shape of [
      { treeDepth: 0, pageEntries: 2 },
      { treeDepth: 21, pageEntries: 2 },
      { treeDepth: 2, pageEntries: 0 },
      { treeDepth: 2, pageEntries: 1.5 },
    ]) {
      const error = errorOf(() => verifyStateProof(proof, bytesOf('present0'), state.root(), shape));
      expect(error.code).to.equal('STATE_SHAPE_INVALID');
    }
  });
});
