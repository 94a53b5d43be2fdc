import { expect } from 'chai';
import { canonicalAbiText } from '../../../contracts/api/abiParse.js';
import { callOf } from '../../../contracts/api/method.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { loadContract } from '../../../sandbox/border/loadContract.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { bundleContract } from '../../support/sandbox/bundle.js';
import { contract as specimen } from '../../support/sandbox/contracts/specimen.js';
import { contract as token } from '../../support/sandbox/contracts/token.js';
import { accountOf, openDirectory } from '../../support/sandbox/directory.js';
import { TwoLedgers } from '../../support/sandbox/twoLedgers.js';

const FUEL = 100_000_000;
const [ALFA, BETA] = [accountOf(1), accountOf(2)];
const UNKNOWN = `0x${'0'.repeat(40)}` as Address;
const SUSPENDED = `0x${'0'.repeat(36)}dead` as Address;

const EVERYTHING = {
  amount: 2n ** 128n - 1n,
  address: ALFA,
  bool: true,
  id: 'A-b.c_1',
  bic: 'ALFADEFFXXX',
  currency: 'EUR',
  day: 20_240_229,
  uint: Number.MAX_SAFE_INTEGER,
  small: 0,
  text: 'a "quoted" \\ text, \u{1f3e6} ü',
  bytes: Uint8Array.of(0, 255, 16),
  fixed: Uint8Array.of(1, 2, 3, 4),
  hex: '0x00ff10ab' as const,
  choice: 'a name/with space' as const,
  list: [0n, 1n, 10n ** 30n],
  structs: [{ a: '"' }, { b: 0n }, {}],
  none: {},
  optional: { day: 19_700_101, raw: new Uint8Array(0) },
  constructor: false,
  toJSON: 'x',
};

describe('the border of a sandboxed contract', () => {
  let engine: SandboxEngine;
  const bundles = new Map<string, string>();

  before(async () => {
    engine = createStandardEngine();
    for (const name of ['specimen', 'token']) {
      bundles.set(name, await bundleContract(`test/support/sandbox/contracts/${name}.ts`, 'contract'));
    }
  });

  const load = (name: string) => loadContract(engine, bundles.get(name) ?? '', FUEL);

  function twoLedgers(): TwoLedgers {
    return new TwoLedgers([specimen, token], [load('specimen').contract, load('token').contract], {
      directory: openDirectory,
      stateRoot: (height) => new Uint8Array(32).fill(height) as never,
    });
  }

  /** Runs each call alone; the first names who sends it. */
  function runAll(ledgers: TwoLedgers, calls: readonly (readonly [Address, Call])[]): readonly (string | undefined)[] {
    return calls.map(([sender, call], index) => {
      const { failure } = ledgers.run({ sender, calls: [call], height: 7 }, `call ${index} of ${call.method}`);
      ledgers.expectSameState(`after call ${index} of ${call.method}`);
      return failure?.code;
    });
  }

  it('asks a program for its ABI, and takes it as a stranger’s. PROTOCOL §Sandbox Z9', () => {
    for (const [name, native] of [
      ['specimen', specimen],
      ['token', token],
    ] as const) {
      const { abi, contract, fuelUsed } = load(name);
      expect(JSON.stringify(abi)).to.equal(canonicalAbiText(native.abi()));
      expect([contract.name, contract.version]).to.deep.equal([native.name, native.version]);
      expect(fuelUsed).to.be.within(1, FUEL);
      expect(load(name).fuelUsed).to.equal(fuelUsed);
      expect(() => loadContract(engine, bundles.get(name) ?? '', fuelUsed - 1))
        .to.throw()
        .with.property('reason', 'loadFuel');
    }
  });

  it('translates values of every schema both ways without a difference. PROTOCOL §Sandbox Z1 and Z2', () => {
    const { store, remove, storeWide, amounts } = specimen.methods;
    const bare = { ...EVERYTHING, text: '', choice: 'plain' as const, list: [], structs: [], amount: 0n, bool: false };
    const { optional: _, toJSON: __, ...without } = bare;
    const wide = { n: 300, raw: Uint8Array.of(0), fixed: Uint8Array.of(0, 1), choice: 'y' as const };
    const ledgers = twoLedgers();
    const codes = runAll(ledgers, [
      [ALFA, callOf(store, { id: 'one', value: EVERYTHING })],
      [ALFA, callOf(store, { id: 'two', value: without })],
      [ALFA, callOf(remove, { id: 'one' })],
      [ALFA, callOf(remove, { id: 'one' })],
      [ALFA, callOf(storeWide, { ...wide, value: 5n })],
      [ALFA, callOf(storeWide, { ...wide, raw: new Uint8Array(0) })],
      [ALFA, callOf(storeWide, { ...wide, n: 0, raw: Uint8Array.of(0, 0, 0) })],
      [ALFA, callOf(amounts, { amount: 5n, day: 20_260_105, text: '' })],
      [ALFA, callOf(amounts, { amount: 5n, day: 20_260_105, text: '' })],
      [ALFA, callOf(amounts, { amount: 2n ** 127n, day: 20_260_105, text: 'a\u2028b'.replace('\u2028', 'ß"') })],
    ]);
    expect(codes.filter((code) => code !== undefined)).to.deep.equal(['REFUSED', 'PLAIN']);
    for (const id of ['one', 'two']) {
      const call = callOf(specimen.methods.value, { id });
      expect(ledgers.sandboxed.view(call)).to.deep.equal(ledgers.native.view(call));
    }
  });

  it('gives a method everything else that the contract API has. PROTOCOL §Sandbox Z3', () => {
    const { facts, settle } = specimen.methods;
    const refs = ['first', 'second', 'no', 'first', 'ünï'];
    const ledgers = twoLedgers();
    expect(
      runAll(ledgers, [
        [ALFA, callOf(facts, {})],
        [ALFA, callOf(settle, { refs, day: 20_260_105 })],
        [BETA, callOf(settle, { refs: ['second', 'third'], day: 20_260_105 })],
      ]),
    ).to.deep.equal([undefined, undefined, undefined]);
    const { failure } = ledgers.run({ calls: [callOf(facts, {})], height: 0 });
    expect(failure?.code).to.equal('UNAUTHORISED');
  });

  it('refuses before the method runs what any executor refuses. PROTOCOL §Sandbox Z4', () => {
    const { transfer } = token.methods;
    const terms = { asset: 'USD', from: ALFA, to: BETA, amount: 1n };
    const ledgers = twoLedgers();
    const spoilt = callOf(transfer, terms);
    expect(
      runAll(ledgers, [
        [BETA, callOf(transfer, terms)],
        [UNKNOWN, callOf(transfer, { ...terms, from: UNKNOWN })],
        [SUSPENDED, callOf(transfer, { ...terms, from: SUSPENDED })],
        [BETA, callOf(specimen.methods.both, terms)],
        [BETA, callOf(specimen.methods.pay, terms)],
        [ALFA, { ...spoilt, args: spoilt.args.slice(1) }],
        [ALFA, { ...spoilt, args: utf8Encode('{}') }],
        [ALFA, { ...spoilt, method: 'burn' }],
      ]),
    ).to.deep.equal([
      'UNAUTHORISED',
      'ACCOUNT_UNKNOWN',
      'SUSPENDED',
      'UNAUTHORISED',
      'UNAUTHORISED',
      'ARGUMENTS_INVALID',
      'ARGUMENTS_INVALID',
      'METHOD_UNKNOWN',
    ]);
    expect(() => ledgers.sandboxed.view(spoilt))
      .to.throw()
      .with.property('code', 'READ_ONLY');
  });

  it('calls between sandboxed contracts, and holds their failures. PROTOCOL §Sandbox Z5 and Z6', () => {
    const { issue, transfer } = token.methods;
    const { both, pay } = specimen.methods;
    const terms = { asset: 'USD', from: ALFA, to: BETA, amount: 400n };
    const ledgers = twoLedgers();
    expect(
      runAll(ledgers, [
        [ALFA, callOf(issue, { asset: 'USD', decimals: 2, issuer: ALFA, account: ALFA, amount: 1_000n })],
        [ALFA, callOf(transfer, terms)],
        [ALFA, callOf(both, terms)],
        [ALFA, callOf(both, { ...terms, amount: 201n })],
        [ALFA, callOf(pay, { ...terms, amount: 201n })],
        [ALFA, callOf(pay, { ...terms, amount: 200n })],
        [ALFA, callOf(pay, { ...terms, asset: 'EUR' })],
      ]),
    ).to.deep.equal([undefined, undefined, undefined, undefined, 'INSUFFICIENT', undefined, 'NOT_FOUND']);
  });

  it('takes the fuel of every operation, and the same amount every time', () => {
    const { issue, transfer } = token.methods;
    const used = [1, 2].map(() => {
      const ledgers = twoLedgers();
      const [first, second] = [
        callOf(issue, { asset: 'USD', decimals: 2, issuer: ALFA, account: ALFA, amount: 1_000n }),
        callOf(transfer, { asset: 'USD', from: ALFA, to: BETA, amount: 1n }),
      ].map((call) => {
        const native = ledgers.native.run({ sender: ALFA, calls: [call] }).fuelUsed;
        const sandboxed = ledgers.sandboxed.run({ sender: ALFA, calls: [call] }).fuelUsed;
        expect(sandboxed).to.be.above(native);
        return sandboxed;
      });
      return [first, second];
    });
    expect(used[0]).to.deep.equal(used[1]);
  });
});
