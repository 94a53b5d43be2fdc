import { expect } from 'chai';
import { MapLayout } from '../../../contracts/api/state.js';
import { cash, governance, membership } from '../../../contracts/index.js';
import { changedDirectory, type RegistryView, wholeDirectory } from '../../../contracts/membership/directory.js';
import type { SigningPolicy } from '../../../contracts/membership/policy.js';
import { policyHash } from '../../../contracts/membership/policyHash.js';
import { membershipState } from '../../../contracts/membership/records.js';
import {
  accountAuthorises,
  accountView,
  readAccount,
  readKey,
  readMember,
  validatorsOf,
} from '../../../contracts/membership/registry.js';
import { validatorListHash } from '../../../contracts/membership/validatorList.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  CUSTODIAN,
  callOf,
  KEYS,
  keyOf,
  possessionOf,
  STATE_ROOT,
  type TestKey,
  TestNetwork,
  TODAY_MS,
  testGenesis,
} from '../../support/settlementNetwork.js';

const m = membership.methods;
const { alfa, alfaSecond, beta, central, custodian, unknown } = ACCOUNTS;
const LEI = '529900T8BM49AURSDO55';

const registerKey = (key: TestKey, member: string, change: object = {}) =>
  callOf(m.registerKey, {
    member,
    suite: 1,
    publicKey: key.publicKey,
    possession: possessionOf(key, member),
    ...change,
  });
const openAccount = (member: string, keys: readonly Address[], change: object = {}) =>
  callOf(m.openAccount, { member, label: 'new', threshold: 1, keys, checkers: [], ...change });

/** Codes that any refusal has had. */
const codes = new Set<string>();

describe('membership, as the members govern it', () => {
  const network = new TestNetwork();
  const read = (key: string) => network.ledger.read('membership', key);
  const refusal = (...args: Parameters<TestNetwork['refused']>): string => {
    const { code } = network.refused(...args);
    codes.add(code);
    return code;
  };
  const governed = (...calls: readonly Call[]): string => {
    const code = network.govern(...calls);
    codes.add(code);
    return code;
  };

  it('gives roles, suspends and reinstates by governance, a central bank too', () => {
    const setSuspended = (member: string, suspended: boolean) => callOf(m.setSuspended, { member, suspended });
    expect(governed(setSuspended(CENTRAL_BANK, true))).to.equal('');
    expect(accountView(read, central)?.active).to.equal(false);
    const { propose } = governance.methods;
    const terms = {
      calls: [setSuspended(CENTRAL_BANK, false)],
      activateAt: 3,
      expiresAt: TODAY_MS + 9,
      description: 'x',
    };
    expect(refusal(central, callOf(propose, terms))).to.equal('SUSPENDED');
    // The proposer of a test is the central bank, which cannot now: a bank proposes instead.
    network.proposer = alfa;
    expect(governed(setSuspended(CENTRAL_BANK, false))).to.equal('');
    expect(governed(setSuspended(CENTRAL_BANK, false))).to.equal('STATUS_UNCHANGED');
    expect(governed(callOf(m.changeRoles, { member: CUSTODIAN, roles: ['custodian', 'operator'] }))).to.equal('');
    expect(accountView(read, custodian)?.roles).to.deep.equal(['custodian', 'operator']);
    expect(governed(callOf(m.changeRoles, { member: CUSTODIAN, roles: ['bank', 'bank'] }))).to.equal('ROLES_REPEATED');
  });

  it('lets in and shuts out nodes by governance, and leaves a member that validates one to do it with', () => {
    const register = (peerId: string, member: string, role: 'validator' | 'observer' = 'observer') =>
      callOf(m.registerNode, { member, peerId, role, addresses: [] });
    const remove = (peerId: string) => callOf(m.removeNode, { peerId });
    expect(governed(register('peer-new', BANKS.beta))).to.equal('');
    expect(governed(register('peer-new', BANKS.alfa))).to.equal('NODE_EXISTS');
    expect(governed(register('peer-x', 'NOBODEFF'))).to.equal('MEMBER_UNKNOWN');
    expect(governed(remove(`peer-${BANKS.beta}`))).to.equal('NODE_NEEDED');
    expect(governed(register('peer-second', BANKS.beta, 'validator'), remove(`peer-${BANKS.beta}`))).to.equal('');
    expect(governed(remove('peer-new'))).to.equal('');
    expect(governed(remove('peer-new'))).to.equal('NODE_UNKNOWN');
    for (let index = 0; index < 56; index += 8) {
      const calls = Array.from({ length: 8 }, (_, n) => register(`peer-${index + n}`, BANKS.gamma));
      expect(governed(...calls)).to.equal('');
    }
    const rest = Array.from({ length: 7 }, (_, n) => register(`peer-last-${n}`, BANKS.gamma));
    expect(governed(...rest)).to.equal('');
    expect(governed(register('peer-much', BANKS.gamma))).to.equal('NODES_TOO_MANY');
  });

  it('replaces exactly the list of validators that was there, by keys that are fit for it', () => {
    const list = () => network.view(m.validators, {});
    const set = (validators: readonly Address[], replaces = validatorListHash(list())) =>
      callOf(m.setValidators, { replaces, validators });
    const before = list().map(({ address }) => address);
    const rotated = keyOf('betaNode');
    const after = [...before.slice(0, 1), rotated.address, ...before.slice(2)];
    expect(before[1]).to.equal(beta);
    expect(governed(set(after))).to.equal('KEY_UNKNOWN');
    network.ok(beta, registerKey(rotated, BANKS.beta));
    expect(governed(set(after))).to.equal('NOT_READY');
    const ready = (stateRoot = STATE_ROOT, height = 0) => callOf(m.ready, { height, stateRoot });
    expect(refusal(beta, ready())).to.equal('NOT_VALIDATOR_ACCOUNT');
    network.ok(beta, openAccount(BANKS.beta, [rotated.address], { label: 'validator-2' }));
    expect(refusal(rotated.address, ready(new Uint8Array(32)))).to.equal('STATE_ROOT_MISMATCH');
    expect(refusal(rotated.address, ready(STATE_ROOT, 7))).to.equal('STATE_ROOT_MISMATCH');
    network.ok(rotated.address, ready());
    expect(network.view(m.readiness, { key: rotated.address })).to.deep.equal({ height: 0, timestamp: TODAY_MS });
    // PROTOCOL §Governance V8.
    expect(governed(set(after, new Uint8Array(32)))).to.equal('VALIDATORS_MOVED');
    expect(governed(set([...after, beta]))).to.equal('VALIDATOR_MEMBER_REPEATED');
    expect(governed(set([...after, rotated.address]))).to.equal('VALIDATORS_REPEATED');
    expect(governed(set(after))).to.equal('');
    expect(validatorsOf(read).map(({ address }) => address)).to.deep.equal(after);

    const other = keyOf('centralNode');
    network.ok(central, registerKey(other, CENTRAL_BANK));
    network.ok(central, openAccount(CENTRAL_BANK, [other.address], { label: 'validator' }));
    network.ok(other.address, ready());
    expect(governed(set([...after, other.address]))).to.equal('NODE_NEEDED');
    network.ok(beta, callOf(m.suspendMember, { member: BANKS.beta }));
    expect(governed(set([...before.slice(0, 1), beta, ...before.slice(2)]))).to.equal('MEMBER_SUSPENDED');
  });

  it('gives the account of a validator’s key none of its member’s roles and no word for it', () => {
    const { address } = keyOf('centralNode');
    expect(accountView(read, address)).to.deep.include({ member: CENTRAL_BANK, roles: [], active: true });
    const issue = { currency: 'EUR', account: alfa, amount: 1n, reserveReference: 'STOLEN' };
    expect(network.refused(address, callOf(cash.methods.issue, issue)).code).to.equal('UNAUTHORISED');
    expect(refusal(address, registerKey(keyOf('stolen'), CENTRAL_BANK))).to.equal('NOT_ENTITLED');
    expect(refusal(address, callOf(m.suspendMember, { member: BANKS.alfa }))).to.equal('NOT_ENTITLED');
    const vote = callOf(governance.methods.pause, { scope: 'all', untilMs: TODAY_MS + 1 });
    expect(refusal(address, vote)).to.equal('NOT_A_VOTER');
  });
});

describe('the policy of an account', () => {
  const [maker, makerTwo, checker, checkerTwo] = ['maker', 'makerTwo', 'checker', 'checkerTwo'].map((name) =>
    keyOf(name),
  ) as [TestKey, TestKey, TestKey, TestKey];
  const account = maker.address;
  let network: TestNetwork;
  const read = (key: string) => network.ledger.read('membership', key);
  const refusal = (...args: Parameters<TestNetwork['refused']>): string => {
    const { code } = network.refused(...args);
    codes.add(code);
    return code;
  };
  const governed = (...calls: readonly Call[]): string => {
    const code = network.govern(...calls);
    codes.add(code);
    return code;
  };
  const open = (checkers: readonly Address[], threshold = 2) => {
    const keys = [maker, makerTwo, checker].map(({ address }) => address);
    return openAccount(BANKS.alfa, keys, { label: 'checked', threshold, checkers });
  };

  beforeEach(() => {
    network = new TestNetwork();
    for (const key of [maker, makerTwo, checker, checkerTwo]) network.ok(alfa, registerKey(key, BANKS.alfa));
  });

  it('has makers and checkers, of whom each must sign, and is refused where nobody could satisfy it', () => {
    const all = [maker.address, makerTwo.address, checker.address];
    expect(refusal(alfa, open([alfa]))).to.equal('CHECKERS_INVALID');
    expect(refusal(alfa, open([checker.address, checker.address]))).to.equal('CHECKERS_INVALID');
    expect(refusal(alfa, open(all))).to.equal('CHECKERS_INVALID');
    const refused = network.refused(alfa, open([checker.address], 1));
    expect(refused.data).to.deep.equal({ threshold: 1, lowest: 2, keys: 3 });
    network.ok(alfa, open([checker.address]));
    const authorises = (...keys: readonly TestKey[]) =>
      accountAuthorises(
        read,
        account,
        keys.map(({ address }) => address),
      );
    expect([authorises(maker), authorises(checker), authorises(maker, makerTwo)]).to.deep.equal([false, false, false]);
    expect([authorises(maker, checker), authorises(maker, makerTwo, checker)]).to.deep.equal([true, true]);
    const rotate = callOf(m.rotateKey, { account, remove: checker.address, add: checkerTwo.address });
    expect(refusal(account, rotate, [maker.address, makerTwo.address])).to.equal('UNAUTHORISED');
    network.ok(account, rotate, [maker.address, checker.address]);
    expect(readAccount(read, account)?.checkers, 'a rotated checker stays one').to.deep.equal([checkerTwo.address]);
    expect([authorises(maker, makerTwo), authorises(makerTwo, checkerTwo)]).to.deep.equal([false, true]);
  });

  it('is changed whole by the policy of now, and the keys in use are known afterwards', () => {
    network.ok(alfa, open([checker.address]));
    const change = (keys: readonly Address[], threshold = 1, checkers: readonly Address[] = []) =>
      callOf(m.changePolicy, { account, keys, threshold, checkers });
    const all = [maker.address, makerTwo.address, checker.address];
    const signers = [account, checker.address];
    expect(refusal(account, change([makerTwo.address]), [account, makerTwo.address])).to.equal('UNAUTHORISED');
    expect(refusal(account, change(all, 2, [checker.address]), signers)).to.equal('POLICY_UNCHANGED');
    expect(refusal(account, change([makerTwo.address, beta]), signers)).to.equal('KEY_OF_OTHER_MEMBER');
    expect(refusal(account, change([makerTwo.address], 2), signers)).to.equal('THRESHOLD_INVALID');
    network.ok(account, change([makerTwo.address]), signers);
    expect(accountAuthorises(read, account, signers)).to.equal(false);
    expect(accountAuthorises(read, account, [makerTwo.address])).to.equal(true);
    const end = (key: TestKey) => callOf(m.deactivateKey, { key: key.address });
    expect(refusal(alfa, end(makerTwo))).to.equal('KEY_IN_USE');
    network.ok(alfa, end(checker));
    const withEnded = change([makerTwo.address, checker.address]);
    expect(refusal(makerTwo.address, withEnded, [makerTwo.address])).to.equal('KEY_INACTIVE');
  });

  it('becomes another by the members where its keys are lost, and the account keeps what it has', () => {
    network.ok(alfa, open([checker.address]));
    const [found, other] = [keyOf('found'), keyOf('foundOfBeta')];
    network.ok(beta, registerKey(other, BANKS.beta));
    const recover = (change: object = {}) =>
      callOf(m.recoverAccount, {
        ...{ account, keys: [found.address], threshold: 1, checkers: [], reason: 'keys lost in a fire' },
        ...{ replaces: policyHash(network.view(m.account, { account }) as SigningPolicy), ...change },
      });
    expect(refusal(central, recover())).to.equal('UNAUTHORISED');
    expect(governed(recover())).to.equal('KEY_UNKNOWN');
    expect(governed(recover({ keys: [other.address] }))).to.equal('KEY_OF_OTHER_MEMBER');
    expect(governed(recover({ threshold: 2 }))).to.equal('THRESHOLD_INVALID');
    expect(governed(recover({ account: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    network.ok(central, callOf(m.suspendAccount, { account }));
    // The member need not have a key any more that could register the new ones.
    expect(governed(registerKey(found, 'NOBODEFF'))).to.equal('MEMBER_UNKNOWN');
    expect(governed(registerKey(found, BANKS.alfa), recover())).to.equal('');
    expect(governed(recover())).to.equal('POLICY_UNCHANGED');
    expect(readAccount(read, account)).to.deep.include({ keys: [found.address], label: 'checked', suspended: true });
    expect(accountAuthorises(read, account, [maker.address, checker.address])).to.equal(false);
    expect(accountAuthorises(read, account, [found.address])).to.equal(true);
    network.ok(central, callOf(m.reinstateAccount, { account }));
    const keys = [{ key: found.address, since: 0 }];
    expect(network.view(m.signing, { account })).to.deep.equal({
      ...{ threshold: 1, keys, checkers: [], loosenedAt: undefined },
    });
    expect(network.view(m.signing, { account: unknown })).to.equal(undefined);
    network.ok(alfa, callOf(m.deactivateKey, { key: maker.address }));
  });
});

describe('the recovery of an account', () => {
  it('replaces the policy that the members approved it for, and no other that the owner has set since', () => {
    const network = new TestNetwork();
    const own = network.view(m.account, { account: alfa }) as SigningPolicy;
    const recovery = { account: alfa, threshold: 1, keys: [KEYS.alfaSpare.address], checkers: [], reason: 'lost' };
    const call = callOf(m.recoverAccount, { ...recovery, replaces: policyHash(own) });
    const found = keyOf('found again');
    const changed = { account: alfa, threshold: 2, keys: [alfa, found.address], checkers: [found.address] };
    network.ok(alfa, [registerKey(found, BANKS.alfa), callOf(m.changePolicy, changed)]);
    codes.add(network.govern(call));
    expect(codes.has('POLICY_MOVED')).to.equal(true);
    expect(network.view(m.account, { account: alfa })).to.deep.include({ threshold: 2, keys: changed.keys });
    expect(network.govern(callOf(m.recoverAccount, { ...recovery, replaces: policyHash(changed) }))).to.equal('');
  });
});

describe('membership', () => {
  const network = new TestNetwork();
  const read = (key: string) => network.ledger.read('membership', key);
  const refusal = (...args: Parameters<TestNetwork['refused']>): string => {
    const { code } = network.refused(...args);
    codes.add(code);
    return code;
  };

  const governed = (...calls: readonly Call[]): string => {
    const code = network.govern(...calls);
    codes.add(code);
    return code;
  };

  it('holds what the genesis says', () => {
    expect(network.view(m.members, { limit: 9 }).map(({ member }) => member)).to.deep.equal(
      [BANKS.alfa, BANKS.beta, CENTRAL_BANK, CUSTODIAN, BANKS.gamma].sort(),
    );
    expect(network.view(m.members, { limit: 1, after: BANKS.alfa }).map(({ member }) => member)).to.deep.equal([
      BANKS.beta,
    ]);
    expect(network.view(m.accounts, { member: BANKS.alfa, limit: 9 }).map(({ label }) => label)).to.deep.equal([
      'nostro',
      'settlement',
    ]);
    expect(network.view(m.accounts, { member: BANKS.alfa, limit: 9, after: 'nostro' })).to.have.lengthOf(1);
    expect(network.view(m.account, { account: custodian })).to.deep.include({ member: CUSTODIAN, threshold: 2 });
    expect(network.view(m.account, { account: unknown })).to.equal(undefined);
    expect(network.view(m.key, { key: alfa })).to.deep.include({ member: BANKS.alfa, suite: 1, active: true });
    expect(network.view(m.member, { member: CENTRAL_BANK })?.roles).to.deep.equal(['centralBank']);
    expect(network.view(m.nodes, { limit: 9 })).to.have.lengthOf(5);
    expect(network.view(m.nodes, { limit: 9, after: `peer-${CUSTODIAN}` }).map(({ peerId }) => peerId)).to.deep.equal([
      `peer-${BANKS.gamma}`,
    ]);
    const validators = [...genesisValidators(testGenesis())];
    expect(network.view(m.validators, {}).map(({ address }) => address)).to.deep.equal(
      validators.map((v) => v.address),
    );
    expect(validatorsOf(read)).to.deep.equal(validators);
    expect(validatorsOf(() => undefined)).to.deep.equal([]);
  });

  it('registers a member by governance, its first key and its first account through the central bank', () => {
    const register = { member: 'DELTGB2L', lei: LEI, name: 'Delta', roles: ['bank'] as const };
    expect(refusal(alfa, callOf(m.registerMember, register))).to.equal('UNAUTHORISED');
    expect(refusal(central, callOf(m.registerMember, register))).to.equal('UNAUTHORISED');
    expect(governed(callOf(m.registerMember, register))).to.equal('');
    expect(governed(callOf(m.registerMember, register))).to.equal('MEMBER_EXISTS');
    const twice = { ...register, member: 'ECHOGB2L', roles: ['bank', 'bank'] as const };
    expect(governed(callOf(m.registerMember, twice))).to.equal('ROLES_REPEATED');

    const key = keyOf('delta');
    expect(refusal(alfa, registerKey(key, 'DELTGB2L'))).to.equal('NOT_ENTITLED');
    // The account of its node's key does not speak for it: the central bank still may.
    const nodeKey = keyOf('deltaNode');
    network.ok(central, registerKey(nodeKey, 'DELTGB2L'));
    network.ok(central, openAccount('DELTGB2L', [nodeKey.address], { label: 'validator' }));
    expect(refusal(nodeKey.address, registerKey(key, 'DELTGB2L'))).to.equal('NOT_ENTITLED');
    network.ok(central, registerKey(key, 'DELTGB2L'));
    network.ok(central, openAccount('DELTGB2L', [key.address]));
    expect(refusal(central, registerKey(keyOf('deltaTwo'), 'DELTGB2L'))).to.equal('NOT_ENTITLED');
    network.ok(key.address, registerKey(keyOf('deltaTwo'), 'DELTGB2L'));
    expect(accountView(read, key.address)).to.deep.equal({
      account: key.address,
      member: 'DELTGB2L',
      roles: ['bank'],
      active: true,
    });
  });

  it('registers a key only with proof that the member holds it, for this chain, once for ever', () => {
    const key = keyOf('alfaNew');
    expect(refusal(alfa, registerKey(key, BANKS.alfa, { possession: possessionOf(key, BANKS.beta) }))).to.equal(
      'POSSESSION_INVALID',
    );
    const otherChain = possessionOf(key, BANKS.alfa, 'another-chain');
    expect(refusal(alfa, registerKey(key, BANKS.alfa, { possession: otherChain }))).to.equal('POSSESSION_INVALID');
    const otherKey = possessionOf(keyOf('other'), BANKS.alfa);
    expect(refusal(alfa, registerKey(key, BANKS.alfa, { possession: otherKey }))).to.equal('POSSESSION_INVALID');
    expect(refusal(alfa, registerKey(key, BANKS.alfa, { suite: 2 }))).to.equal('SUITE_UNSUPPORTED');
    const noPoint = new Uint8Array(33).fill(0xff);
    expect(refusal(alfa, registerKey(key, BANKS.alfa, { publicKey: noPoint }))).to.equal('KEY_INVALID');
    expect(refusal(alfa, registerKey(key, 'NOBODEFF'))).to.equal('MEMBER_UNKNOWN');
    network.ok(alfa, registerKey(key, BANKS.alfa));
    expect(refusal(alfa, registerKey(key, BANKS.alfa))).to.equal('KEY_EXISTS');
    expect(refusal(beta, registerKey(key, BANKS.beta))).to.equal('KEY_EXISTS');
    expect(readKey(read, key.address)).to.deep.equal({
      member: BANKS.alfa,
      suite: 1,
      publicKey: key.publicKey,
      active: true,
    });
  });

  it('opens an account under the address of its first key, with a policy of the member’s own active keys', () => {
    const [key, second] = [keyOf('alfaNew').address, keyOf('alfaNewTwo')];
    network.ok(alfa, registerKey(second, BANKS.alfa));
    const refused = (keys: readonly Address[], change: object = {}, sender = alfa) =>
      refusal(sender, openAccount(BANKS.alfa, keys, change));
    expect(refused([key], {}, beta)).to.equal('NOT_ENTITLED');
    expect(refused([key, key])).to.equal('KEYS_REPEATED');
    expect(refused([key], { threshold: 0 })).to.equal('THRESHOLD_INVALID');
    expect(refused([key], { threshold: 2 })).to.equal('THRESHOLD_INVALID');
    expect(refused([key, beta])).to.equal('KEY_OF_OTHER_MEMBER');
    expect(refused([key, unknown])).to.equal('KEY_UNKNOWN');
    expect(refused([alfa])).to.equal('ACCOUNT_EXISTS');
    expect(refused([key], { label: 'nostro' })).to.equal('LABEL_EXISTS');
    network.ok(alfa, openAccount(BANKS.alfa, [key, second.address], { threshold: 2 }));
    expect(accountAuthorises(read, key, [key])).to.equal(false);
    expect(accountAuthorises(read, key, [key, second.address])).to.equal(true);
    expect(accountAuthorises(read, key, [key, alfa])).to.equal(false);
    expect(accountAuthorises(read, unknown, [unknown])).to.equal(false);
  });

  it('rotates a key by the account’s own policy, and keeps the account', () => {
    const spare = KEYS.alfaSpare.address;
    const rotate = (change: object = {}) =>
      callOf(m.rotateKey, { account: alfaSecond, remove: alfaSecond, add: spare, ...change });
    expect(refusal(alfa, rotate())).to.equal('UNAUTHORISED');
    expect(refusal(central, rotate())).to.equal('UNAUTHORISED');
    expect(refusal(alfaSecond, rotate({ remove: alfa }))).to.equal('KEY_NOT_IN_ACCOUNT');
    expect(refusal(alfaSecond, rotate({ add: alfaSecond }))).to.equal('KEYS_REPEATED');
    expect(refusal(alfaSecond, rotate({ add: beta }))).to.equal('KEY_OF_OTHER_MEMBER');
    expect(refusal(alfaSecond, rotate({ account: unknown }))).to.equal('ACCOUNT_UNKNOWN');
    network.ok(alfaSecond, rotate());
    expect(readAccount(read, alfaSecond)?.keys).to.deep.equal([spare]);
    expect(accountAuthorises(read, alfaSecond, [alfaSecond])).to.equal(false);
    expect(accountAuthorises(read, alfaSecond, [spare])).to.equal(true);
    expect(refusal(alfa, openAccount(BANKS.alfa, [alfaSecond]))).to.equal('ACCOUNT_EXISTS');
  });

  it('ends a key for ever, once no policy and no validator needs it', () => {
    const end = (key: Address) => callOf(m.deactivateKey, { key });
    expect(refusal(alfa, end(unknown))).to.equal('KEY_UNKNOWN');
    expect(refusal(beta, end(alfaSecond))).to.equal('NOT_ENTITLED');
    expect(refusal(alfa, end(KEYS.alfaSpare.address))).to.equal('KEY_IN_USE');
    expect(refusal(alfa, end(alfa))).to.equal('KEY_IN_USE');
    const validatorKey = keyOf('alfaValidator');
    network.ok(alfa, registerKey(validatorKey, BANKS.alfa));
    const validators = callOf(m.genesisValidators, { validators: [validatorKey.address] });
    expect(network.ledger.run({ calls: [validators], height: 0 }).failure).to.equal(undefined);
    expect(refusal(alfa, end(validatorKey.address))).to.equal('KEY_IN_USE');
    network.ok(alfa, end(alfaSecond));
    expect(refusal(alfa, end(alfaSecond))).to.equal('KEY_INACTIVE');
    expect(refusal(alfa, openAccount(BANKS.alfa, [KEYS.alfaSpare.address, alfaSecond], { label: 'other' }))).to.equal(
      'KEY_INACTIVE',
    );
    expect(refusal(alfa, registerKey(KEYS.alfaSecond, BANKS.alfa))).to.equal('KEY_EXISTS');
    expect(readKey(read, alfaSecond)?.active).to.equal(false);
  });

  it('is suspended by the member itself or a central bank, and reinstated by a central bank only', () => {
    const suspend = (member: string) => callOf(m.suspendMember, { member });
    const reinstate = (member: string) => callOf(m.reinstateMember, { member });
    expect(refusal(alfa, suspend(BANKS.beta))).to.equal('NOT_ENTITLED');
    expect(refusal(central, suspend(CENTRAL_BANK))).to.equal('MEMBER_PROTECTED');
    expect(refusal(central, suspend('NOBODEFF'))).to.equal('MEMBER_UNKNOWN');
    expect(refusal(central, reinstate(BANKS.beta))).to.equal('STATUS_UNCHANGED');
    network.ok(beta, suspend(BANKS.beta));
    expect(accountView(read, beta)?.active).to.equal(false);
    expect(readMember(read, BANKS.beta)?.suspended).to.equal(true);
    expect(refusal(beta, reinstate(BANKS.beta))).to.equal('SUSPENDED');
    expect(refusal(alfa, reinstate(BANKS.beta))).to.equal('UNAUTHORISED');
    expect(refusal(beta, registerKey(keyOf('betaTwo'), BANKS.beta))).to.equal('UNAUTHORISED');
    expect(refusal(central, suspend(BANKS.beta))).to.equal('STATUS_UNCHANGED');
    network.ok(central, reinstate(BANKS.beta));
    expect(accountView(read, beta)?.active).to.equal(true);
  });

  it('suspends a single account in the same way', () => {
    const suspend = (account: Address) => callOf(m.suspendAccount, { account });
    const reinstate = (account: Address) => callOf(m.reinstateAccount, { account });
    expect(refusal(beta, suspend(alfa))).to.equal('NOT_ENTITLED');
    expect(refusal(central, suspend(central))).to.equal('MEMBER_PROTECTED');
    expect(refusal(central, suspend(unknown))).to.equal('ACCOUNT_UNKNOWN');
    expect(refusal(central, reinstate(unknown))).to.equal('ACCOUNT_UNKNOWN');
    expect(refusal(central, reinstate(alfa))).to.equal('STATUS_UNCHANGED');
    network.ok(alfa, suspend(alfaSecond), [alfa]);
    expect(accountView(read, alfaSecond)?.active).to.equal(false);
    expect(accountView(read, alfa)?.active).to.equal(true);
    expect(refusal(central, suspend(alfaSecond))).to.equal('STATUS_UNCHANGED');
    expect(refusal(alfa, reinstate(alfaSecond))).to.equal('UNAUTHORISED');
    network.ok(central, reinstate(alfaSecond));
    expect(accountView(read, alfaSecond)?.active).to.equal(true);
  });

  it('counts active keys only, whatever a policy names', () => {
    const accounts = new MapLayout('accounts', membershipState.accounts);
    const keys = new MapLayout('keys', membershipState.keys);
    const policy = { label: 'x', threshold: 1, keys: [alfa], checkers: [], suspended: false };
    const authorises = (active: boolean) => {
      const state = new Map([
        [accounts.key([alfa]), accounts.encode({ member: BANKS.alfa, ...policy })],
        [keys.key([alfa]), keys.encode({ member: BANKS.alfa, suite: 1, publicKey: KEYS.alfa.publicKey, active })],
      ]);
      return accountAuthorises((key) => state.get(key), alfa, [alfa]);
    };
    expect([authorises(true), authorises(false)]).to.deep.equal([true, false]);
  });

  it('takes genesis rows once, and only for members and keys that exist', () => {
    const genesis = (call: ReturnType<typeof callOf>) => {
      const { failure } = network.ledger.run({ calls: [call], height: 0 });
      codes.add(failure?.code ?? '');
      return failure?.code;
    };
    const node = { peerId: `peer-${BANKS.alfa}`, role: 'observer', addresses: [] } as const;
    expect(genesis(callOf(m.genesisNodes, { member: BANKS.alfa, nodes: [node] }))).to.equal('NODE_EXISTS');
    expect(genesis(callOf(m.genesisValidators, { validators: [alfa, alfa] }))).to.equal('VALIDATORS_REPEATED');
    expect(genesis(callOf(m.genesisValidators, { validators: [unknown] }))).to.equal('KEY_UNKNOWN');
    expect(
      genesis(callOf(m.genesisKeys, { member: 'NOBODEFF', keys: [{ suite: 1, publicKey: KEYS.alfa.publicKey }] })),
    ).to.equal('MEMBER_UNKNOWN');
  });

  it('has no code that nothing reaches', () => {
    const declared = Object.keys(membership.abi().errors);
    expect(declared.filter((code) => !codes.has(code))).to.deep.equal([]);
  });
});

describe('the directory', () => {
  const network = new TestNetwork();
  const layouts = Object.entries(membershipState).map(([name, definition]) => new MapLayout(name, definition as never));
  const rows = (): readonly [string, Uint8Array][] =>
    network.ledger
      .snapshot()
      .filter((row) => row.startsWith('membership '))
      .map((row) => {
        const key = row.slice('membership '.length, row.lastIndexOf(' '));
        return [key, network.ledger.read('membership', key) as Uint8Array];
      });
  const view: RegistryView = {
    get: (key) => network.ledger.read('membership', key),
    range: (prefix, limit, after) =>
      rows()
        .filter(([key]) => key.startsWith(prefix) && (after === undefined || key > after))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
  };
  /** Keys of the state that a call changes. */
  const changes = (call: ReturnType<typeof callOf>, sender: Address): readonly string[] => {
    const before = new Map(rows().map(([key, value]) => [key, value.join()]));
    network.ok(sender, call);
    return rows()
      .filter(([key, value]) => before.get(key) !== value.join())
      .map(([key]) => key);
  };

  it('tells all keys, accounts and nodes at the start', () => {
    const whole = wholeDirectory(view);
    const unused = layouts.filter((layout) => !rows().some(([key]) => layout.owns(key))).map(({ name }) => name);
    expect(unused).to.deep.equal(['ready', 'loosened']);
    expect(whole.keys).to.have.lengthOf(9);
    expect(whole.nodes).to.have.lengthOf(5);
    expect(whole.accounts.find(({ account }) => account === custodian)).to.deep.include({ threshold: 2, active: true });
  });

  it('tells what changed, a member’s suspension as a change of each of its accounts', () => {
    const opened = changedDirectory(view, changes(registerKey(keyOf('dir'), BANKS.alfa), alfa));
    expect(opened.keys.map(({ address }) => address)).to.deep.equal([keyOf('dir').address]);
    expect(opened).to.deep.include({ accounts: [], nodes: undefined });
    const suspended = changedDirectory(view, changes(callOf(m.suspendMember, { member: BANKS.alfa }), central));
    expect(suspended.accounts.map(({ account, active }) => [account, active]).sort()).to.deep.equal(
      [alfa, alfaSecond].sort().map((account) => [account, false]),
    );
    const nodes = changedDirectory(view, [new MapLayout('nodes', membershipState.nodes).key([`peer-${BANKS.alfa}`])]);
    expect(nodes.nodes).to.have.lengthOf(5);
  });
});
