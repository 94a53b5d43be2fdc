import { expect } from 'chai';
import { describeCalls } from '../../../cli/governance/describeCalls.js';
import { readProposal } from '../../../cli/governance/proposalBook.js';
import { anyCall, parameterCall, validatorsCall } from '../../../cli/governance/proposedCalls.js';
import { recoveryCalls } from '../../../cli/governance/recovery.js';
import { parseDuration, parseHeight, parseProposalId, parseTime } from '../../../cli/governance/terms.js';
import { type Invocation, OptionReader } from '../../../cli/invocation.js';
import type { Session } from '../../../cli/session.js';
import type { MethodRef } from '../../../contracts/api/index.js';
import { cash, governance, membership, parameters } from '../../../contracts/index.js';
import type { SigningPolicy } from '../../../contracts/membership/policy.js';
import { policyHash } from '../../../contracts/membership/policyHash.js';
import { validatorListHash } from '../../../contracts/membership/validatorList.js';
import { toChecksum } from '../../../primitives/address.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Address } from '../../../primitives/types.js';
import { rejectionOf } from '../../support/rejection.js';
import {
  ACCOUNTS,
  BANKS,
  callOf,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';
import { runVostro } from './fakeHost.js';

const m = membership.methods;

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
  return 'none';
}

/** A session whose node answers from a ledger in memory, and may lie. */
function sessionOf(network: TestNetwork, lie: (value: unknown) => unknown = (value) => value): Session {
  const client = {
    read: async <A, T>(method: MethodRef<A, T, 'view'>, args: A): Promise<T> => lie(network.view(method, args)) as T,
    call: async (_method: string, { member }: { readonly member: string }) => ({
      accounts: network
        .view(m.accounts, { member, limit: 100 })
        .map(({ account, label }) => ({ account: toChecksum(account), label })),
    }),
  };
  return { client } as unknown as Session;
}

describe('vostro governance', () => {
  it('reads heights, durations, times and numbers, and says what it expected instead', () => {
    expect(parseHeight('12000', 7)).to.equal(12_000);
    expect(parseHeight('+50', 7)).to.equal(57);
    expect(['90s', '30m', '2h', '7d'].map((text) => parseDuration(text, '--for'))).to.deep.equal([
      90_000, 1_800_000, 7_200_000, 604_800_000,
    ]);
    expect(parseTime('2026-01-05T08:00:00Z', '--until')).to.equal(TODAY_MS);
    expect(parseProposalId('3')).to.equal(3);
    for (const work of [
      () => parseHeight('-5', 7),
      () => parseDuration('2 hours', '--for'),
      () => parseTime('tomorrow', '--until'),
      () => parseProposalId('0x3'),
      () => parameterCall([]),
      () => parameterCall(['stateTreeDepth=3']),
      () => parameterCall(['heartbeatMs=fast']),
      () => anyCall('membership.removeNode', '{'),
    ]) {
      expect(codeOf(work)).to.equal('USAGE_INVALID');
    }
    expect(codeOf(() => anyCall('membership.removeNode', '{}'))).to.equal('ARGUMENTS_INVALID');
    expect(codeOf(() => anyCall('none.none', '{}'))).to.equal('CONTRACT_UNKNOWN');
  });

  it('makes the calls that a person means', () => {
    expect(parameterCall(['heartbeatMs=2000', 'maxBlockFuel=5000000'])).to.deep.equal(
      callOf(parameters.methods.change, { heartbeatMs: 2_000, maxBlockFuel: 5_000_000 }),
    );
    expect(anyCall('membership.removeNode', '{"peerId":"x"}')).to.deep.equal(callOf(m.removeNode, { peerId: 'x' }));
  });

  it('keeps the order of validators, puts a new key in the place of an old one and newcomers at the end', async () => {
    const network = new TestNetwork();
    const session = sessionOf(network);
    const next = keyOf('betaNode');
    const central = keyOf('centralNode');
    const register = (member: string, key: typeof next, sender: Address, label: string) =>
      network.ok(sender, [
        callOf(m.registerKey, { member, suite: 1, publicKey: key.publicKey, possession: possessionOf(key, member) }),
        callOf(m.openAccount, { member, label, threshold: 1, keys: [key.address], checkers: [] }),
      ]);
    register(BANKS.beta, next, ACCOUNTS.beta, 'validator-2');
    register('CENBDEFF', central, ACCOUNTS.central, 'validator');
    const before = network.view(m.validators, {});
    const addresses = before.map(({ address }) => address);
    const options = new OptionReader({
      add: ['CENBDEFF'],
      rotate: [`${BANKS.beta}/validator-2`],
      remove: [BANKS.alfa],
    });
    const call = await validatorsCall(session, options);
    expect(m.setValidators.args.decode(call.args)).to.deep.equal({
      replaces: validatorListHash(before),
      validators: [next.address, ...addresses.slice(2), central.address],
    });
    const [described] = await describeCalls(session, [call]);
    expect(described?.words).to.include(`add ${BANKS.beta} (${toChecksum(next.address)})`);
    expect(described?.words).to.include(`remove ${BANKS.alfa} (${toChecksum(addresses[0] as Address)})`);
    expect(described?.words).to.include('then 4 validate, in this order');

    const refused = (values: Record<string, unknown>) => rejectionOf(validatorsCall(session, new OptionReader(values)));
    expect(await refused({ remove: ['NOBODEFF'] })).to.include({ code: 'USAGE_INVALID' });
    expect(await refused({ add: [BANKS.alfa] })).to.include({ code: 'ACCOUNT_UNKNOWN' });
    expect(await refused({})).to.include({ code: 'USAGE_INVALID' });
  });

  it('shows a proposal only as the hash says it is, whatever a node tells', async () => {
    const network = new TestNetwork();
    const calls = [callOf(m.removeNode, { peerId: 'x' })];
    const terms = { activateAt: 9, expiresAt: TODAY_MS + 9, description: 'honest' };
    network.ok(ACCOUNTS.alfa, callOf(governance.methods.propose, { calls, ...terms }));
    expect((await readProposal(sessionOf(network), 1)).description).to.equal('honest');
    const liar = sessionOf(network, (value) => ({ ...(value as object), description: 'harmless' }));
    expect(await rejectionOf(readProposal(liar, 1))).to.include({ code: 'PROPOSAL_INVALID' });
    expect(await rejectionOf(readProposal(sessionOf(network), 2))).to.include({ code: 'NOT_FOUND' });
  });

  it('says in words what every governed method does', async () => {
    const network = new TestNetwork();
    const member = { lei: '5299000J2N45DDNE4Y28', name: 'Echo Bank', roles: ['bank'] as const };
    const key = keyOf('recovered');
    const registration = { member: BANKS.alfa, suite: 1, possession: new Uint8Array(64) };
    const words = await describeCalls(sessionOf(network), [
      callOf(m.registerMember, { member: 'ECHOGB2L', ...member }),
      callOf(m.changeRoles, { member: BANKS.alfa, roles: ['bank', 'custodian'] }),
      callOf(m.setSuspended, { member: BANKS.alfa, suspended: true }),
      callOf(m.registerNode, { member: BANKS.alfa, peerId: 'P', role: 'observer', addresses: ['/ip4/1.2.3.4/tcp/5'] }),
      callOf(m.removeNode, { peerId: 'P' }),
      callOf(m.registerKey, { ...registration, publicKey: key.publicKey }),
      callOf(m.registerKey, { ...registration, publicKey: new Uint8Array(33).fill(0xff) }),
      callOf(m.recoverAccount, {
        ...{ account: ACCOUNTS.custodian, keys: [key.address, ACCOUNTS.beta], threshold: 2 },
        ...{ checkers: [ACCOUNTS.beta], reason: 'a fire', replaces: new Uint8Array(32) },
      }),
      callOf(cash.methods.clearLimits, { currency: 'EUR', account: ACCOUNTS.custodian }),
      callOf(parameters.methods.change, { heartbeatMs: 2_000 }),
      { contract: 'future', method: 'deploy', args: new Uint8Array(3) },
    ]);
    expect(words.map((call) => call.words)).to.deep.equal([
      'make ECHOGB2L (Echo Bank, LEI 5299000J2N45DDNE4Y28) a member with the roles bank',
      `give ${BANKS.alfa} the roles bank, custodian and no others`,
      `suspend ${BANKS.alfa} with all of its accounts`,
      `let the observer node P of ${BANKS.alfa} connect, at /ip4/1.2.3.4/tcp/5`,
      'let the node P connect no more',
      `register the key ${toChecksum(key.address)} of ${BANKS.alfa}`,
      `register the key 0x${'ff'.repeat(33)}, which is no point of the curve, of ${BANKS.alfa}`,
      `give CUSTNL2A/custody (${toChecksum(ACCOUNTS.custodian)}) other keys: 2 of ${toChecksum(key.address)} and, as checkers, ${toChecksum(ACCOUNTS.beta)}, because: a fire`,
      `end at once the limits of CUSTNL2A/custody (${toChecksum(ACCOUNTS.custodian)}) in EUR`,
      'set heartbeatMs to 2000',
      'future.deploy with 3 bytes that this version cannot read',
    ]);
  });

  it('proposes a recovery for the policy of now, with the limits that are to end', async () => {
    const network = new TestNetwork();
    const account = ACCOUNTS.custodian;
    const session = {
      ...sessionOf(network),
      ...{ accounts: { find: async () => ({ account }) }, network: { decimalsOf: () => 2 } },
    } as unknown as Session;
    const key = [toChecksum(ACCOUNTS.beta)];
    const options = new OptionReader({ key, checker: [], clearLimits: ['EUR', 'USD'], reason: 'stolen' });
    const calls = await recoveryCalls(session, { options, args: ['CUSTNL2A'] } as unknown as Invocation);
    const [recovery, ...cleared] = calls;
    const { replaces } = m.recoverAccount.args.decode(recovery?.args ?? new Uint8Array());
    expect(replaces).to.deep.equal(policyHash(network.view(m.account, { account }) as SigningPolicy));
    expect(cleared).to.deep.equal(
      ['EUR', 'USD'].map((currency) => callOf(cash.methods.clearLimits, { currency, account })),
    );
  });

  it('has help for each command', async () => {
    for (const words of [[], ['propose'], ['propose', 'validators'], ['approve'], ['pause']]) {
      expect((await runVostro(['governance', ...words, '--help'])).exitCode).to.equal(0);
    }
  });
});
