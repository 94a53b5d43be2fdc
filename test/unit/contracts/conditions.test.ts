import { expect } from 'chai';
import { type Auth, type ContractFailure, defineContract, map, t } from '../../../contracts/api/index.js';
import { MemoryLedger, type MemoryTransaction } from '../../../contracts/testing/memoryLedger.js';
import { toChecksum } from '../../../primitives/address.js';
import { InvariantError } from '../../../primitives/errors.js';
import type { Address } from '../../../primitives/types.js';
import { callOf } from '../../support/settlementNetwork.js';

const [alice, bob, carol, closed, nobody] = ['a1', 'b0', 'c0', 'd0', 'e0'].map(
  (digits): Address => `0x${digits.repeat(20)}`,
) as [Address, Address, Address, Address, Address];
const args = { one: t.address, other: t.address, more: t.list(t.address, 4) };
type Args = { readonly one: Address; readonly other: Address; readonly more: readonly Address[] };

const declaration = defineContract({
  name: 'deals',
  version: 1,
  state: { buyers: map([t.id], t.address) },
  events: {},
  errors: {},
});

/** The ABI of a method that these conditions authorise, and what a call of it meets. */
function methodWith(auth: Auth<Args>, body: 'asks' | 'asksAny' | 'asksInVain' | 'asksNobody' = 'asksNobody') {
  const built = declaration.build({
    run: declaration.tx({ args, auth }, (ctx, a) => {
      if (body === 'asks') expect(ctx.requireAuthorised(a.one).member).to.equal('BANKDEFF');
      if (body === 'asksAny') ctx.requireAnyAuthorised([a.one, ...a.more]);
      if (body === 'asksInVain') ctx.attempt(() => void ctx.requireAuthorised(closed));
    }),
  });
  const through = defineContract({ name: 'desk', version: 1, state: {}, events: {}, errors: {} });
  const desk = through.build({
    run: through.tx({ args, auth: { sender: true } }, (ctx, a) => ctx.call(built.methods.run, a)),
  });
  const ledger = new MemoryLedger({
    contracts: [built, desk],
    directory: () => ({
      account: (account) =>
        account === nobody
          ? undefined
          : {
              account,
              member: 'BANKDEFF',
              roles: account === carol ? ['centralBank'] : ['bank'],
              active: account !== closed,
            },
      authorises: (account, signers) => signers.includes(account),
      pausedUntil: () => 0,
    }),
  });
  const refusal = (
    transaction: Omit<MemoryTransaction, 'calls'>,
    given: Partial<Args> = {},
    contract: typeof built | typeof desk = built,
  ): string => {
    const call = callOf(contract.methods.run, { one: alice, other: bob, more: [], ...given });
    return shown(ledger.run({ ...transaction, calls: [call] }).failure);
  };
  return { abi: built.abi().methods['run']?.auth, refusal, desk };
}

function shown(failure: ContractFailure | undefined): string {
  if (failure === undefined) return 'passes';
  const data = declaration.build({}).codec.decodeErrorData(failure.code, failure.data);
  return `${failure.code} ${Object.values(data as object).join(': ')}`;
}

describe('the conditions of a method (PROTOCOL §Authorisation A6–A10)', () => {
  it('are listed in one order, each as data, with the functions of accounts numbered', () => {
    expect(methodWith({ sender: true }).abi).to.deep.equal({ sender: true });
    expect(
      methodWith({
        any: [
          { roles: ['centralBank'] },
          { accounts: (a) => [a.one], contracts: ['desk'] },
          { accounts: (a) => a.more },
        ],
        accounts: (a) => [a.other],
        genesis: true,
      }).abi,
    ).to.deep.equal({
      all: [
        { genesis: true },
        { accounts: 0 },
        {
          any: [{ roles: ['centralBank'] }, { all: [{ contracts: ['desk'] }, { accounts: 1 }] }, { accounts: 2 }],
        },
      ],
    });
    expect(methodWith({ inMethod: true, sender: true }).abi).to.deep.equal({
      all: [{ sender: true }, { inMethod: true }],
    });
  });

  it('let any contract pass, and no transaction, where a contract is asked for', () => {
    const { abi, refusal, desk } = methodWith({ byContract: true, accounts: (a) => [a.one] });
    expect(abi).to.deep.equal({ all: [{ byContract: true }, { accounts: 0 }] });
    expect(refusal({ sender: alice }, {}, desk)).to.equal('passes');
    expect(refusal({ sender: bob }, {}, desk)).to.equal(`UNAUTHORISED account: ${alice}`);
    expect(refusal({ sender: alice })).to.equal('UNAUTHORISED contract: transaction');
  });

  it('let a call pass when any alternative of a group holds, whoever sends it', () => {
    const { refusal, desk } = methodWith({
      any: [{ accounts: (a) => [a.one, a.other] }, { roles: ['centralBank'] }, { contracts: ['desk'] }],
    });
    expect(refusal({ sender: alice, signers: [alice, bob] })).to.equal('passes');
    expect(refusal({ sender: carol })).to.equal('passes');
    expect(refusal({ sender: alice }, {}, desk)).to.equal('passes');
    expect(refusal({ sender: alice })).to.equal(
      `UNAUTHORISED any: account ${bob}; role centralBank; contract transaction`,
    );
  });

  it('say of each alternative what it lacks, an unknown or suspended account too', () => {
    const { refusal } = methodWith({
      any: [
        { accounts: (a) => [a.one] },
        { accounts: (a) => [a.other] },
        { any: [{ system: true }, { genesis: true }] },
      ],
    });
    expect(refusal({ sender: carol }, { one: nobody, other: closed })).to.equal(
      `UNAUTHORISED any: unknown ${nobody}; suspended ${closed}; (system transaction; genesis height 1)`,
    );
  });

  it('hold together when all are asked for: the first that does not names the fault', () => {
    const { refusal } = methodWith({
      all: [{ accounts: (a) => [a.one] }, { any: [{ sender: true }] }],
      contracts: ['desk'],
    });
    expect(refusal({ sender: alice })).to.equal('UNAUTHORISED contract: transaction');
    const both = methodWith({ all: [{ accounts: (a) => [a.one] }, { accounts: (a) => [a.other] }] });
    expect(both.refusal({ sender: alice, signers: [alice, bob] })).to.equal('passes');
    expect(both.refusal({ sender: alice })).to.equal(`UNAUTHORISED account: ${bob}`);
    expect(both.refusal({ sender: bob }, { one: closed })).to.equal(`SUSPENDED ${toChecksum(closed)}`);
  });

  it('are not met by a list of nobody, alone or as an alternative', () => {
    expect(methodWith({ accounts: (a) => a.more }).refusal({ sender: alice })).to.equal('UNAUTHORISED account: nobody');
    const { refusal } = methodWith({ any: [{ accounts: (a) => a.more }, { roles: ['supervisor'] }] });
    expect(refusal({ sender: alice })).to.equal('UNAUTHORISED any: account nobody; role supervisor');
    expect(refusal({ sender: alice }, { more: [alice] })).to.equal('passes');
  });

  it('cut what alternatives lack to what a receipt has room for', () => {
    const { refusal } = methodWith({ any: Array.from({ length: 16 }, () => ({ accounts: (a: Args) => [a.other] })) });
    expect(refusal({ sender: alice })).to.have.lengthOf('UNAUTHORISED any: '.length + 512);
  });

  it('may be left to the method, which then must have asked somebody who authorises', () => {
    const inMethod = { inMethod: true } as const;
    expect(methodWith(inMethod, 'asks').refusal({ sender: alice })).to.equal('passes');
    expect(methodWith(inMethod, 'asks').refusal({ sender: bob })).to.equal(`UNAUTHORISED account: ${alice}`);
    expect(methodWith(inMethod, 'asks').refusal({ sender: bob }, { one: nobody })).to.contain('ACCOUNT_UNKNOWN');
    expect(methodWith(inMethod, 'asksAny').refusal({ sender: bob }, { more: [bob] })).to.equal('passes');
    expect(methodWith(inMethod, 'asksAny').refusal({ sender: bob }, { more: [closed] })).to.equal(
      `UNAUTHORISED any: account ${alice}; suspended ${closed}`,
    );
    for (const body of ['asksNobody', 'asksInVain'] as const) {
      expect(methodWith(inMethod, body).refusal({ sender: alice })).to.equal('UNAUTHORISED inMethod: nobody was asked');
    }
  });

  it('cannot be declared so that nobody, or everybody, passes by mistake', () => {
    const three = { all: [{ all: [{ any: [{ sender: true }] }] }] } as const;
    expect(() => methodWith(three)).not.to.throw();
    const names = Array.from({ length: 17 }, (_, index) => `c${index}`);
    for (const [auth, fault] of [
      [{}, 'says nobody'],
      [{ any: [] }, 'a group of no conditions'],
      [{ any: [{}] }, 'says nobody'],
      [{ any: [{ sender: true }, { inMethod: true }] }, 'no alternative'],
      [{ any: [{ all: [{ sender: true }, { inMethod: true }] }] }, 'no alternative'],
      [{ all: [three] }, 'more than 3 groups'],
      [{ all: Array.from({ length: 17 }, () => ({ sender: true })) }, 'too many'],
      [{ contracts: [] }, 'expected 1 to 16 names'],
      [{ contracts: names }, 'expected 1 to 16 names'],
      [{ roles: ['bank', 'bank'] }, 'stands twice'],
    ] as [Auth<Args>, string][]) {
      expect(() => methodWith(auth), JSON.stringify(auth)).to.throw(InvariantError, fault);
    }
  });
});
