import { expect } from 'chai';
import {
  apiErrorSchema,
  callOf,
  type ExecutableContract,
  type Json,
  type MethodRef,
} from '../../contracts/api/index.js';
import { DEPLOYMENT, DeployedContracts } from '../../contracts/deployment/directory.js';
import { Programs, type Sandbox } from '../../contracts/deployment/programs.js';
import { sandboxContract } from '../../contracts/deployment/sandboxContract.js';
import { cash, governance, membership, standardContracts } from '../../contracts/index.js';
import { MemoryLedger, type MemoryReceipt } from '../../contracts/testing/memoryLedger.js';
import { registryDirectory } from '../../contracts/testing/registryDirectory.js';
import { genesisCalls } from '../../genesis/calls.js';
import { buildGenesis, genesisHash, parseGenesisDescription } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { addressFromPublicKey } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { sha256 } from '../../primitives/hash.js';
import { possessionDigest } from '../../primitives/possession.js';
import { publicKeyOf, sign } from '../../primitives/signature.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Address, Call } from '../../primitives/types.js';

import { ENGINE_PIN } from '../../sandbox/enginePin.js';

import { FakeSandbox } from './fakeSandbox.js';

export { callOf };

/** A small network in memory: one central bank, three banks, a custodian with an account of two out of three keys. */

export const CHAIN_ID = 'vostro-unit';
export const TODAY = 20_260_105;
/** 2026-01-05T08:00Z. */
export const TODAY_MS = 1_767_600_000_000;
const LEI = '5299000J2N45DDNE4Y28';
/** What a network in memory says that the state root of height 0 is. */
export const STATE_ROOT = sha256(utf8Encode('state root of a test'));

export interface TestKey {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Address;
}

export function keyOf(name: string): TestKey {
  const privateKey = sha256(utf8Encode(`vostro unit test key ${name}`));
  const publicKey = publicKeyOf(privateKey);
  return { privateKey, publicKey, address: addressFromPublicKey(publicKey) };
}

export function possessionOf(key: TestKey, member: string, chainId = CHAIN_ID): Uint8Array {
  return sign(possessionDigest({ chainId, member, publicKey: key.publicKey }), key.privateKey);
}

export const CENTRAL_BANK = 'CENBDEFF';
export const BANKS = { alfa: 'ALFADEFF', beta: 'BETAFRPP', gamma: 'GAMAITMM' } as const;
export const CUSTODIAN = 'CUSTNL2A';

export const KEYS = {
  central: keyOf('central'),
  alfa: keyOf('alfa'),
  alfaSecond: keyOf('alfaSecond'),
  alfaSpare: keyOf('alfaSpare'),
  beta: keyOf('beta'),
  gamma: keyOf('gamma'),
  custodianOne: keyOf('custodianOne'),
  custodianTwo: keyOf('custodianTwo'),
  custodianThree: keyOf('custodianThree'),
} as const;

export const ACCOUNTS = {
  central: KEYS.central.address,
  alfa: KEYS.alfa.address,
  /** Alfa's second account. */
  alfaSecond: KEYS.alfaSecond.address,
  beta: KEYS.beta.address,
  gamma: KEYS.gamma.address,
  /** Two out of three. */
  custodian: KEYS.custodianOne.address,
  unknown: keyOf('nobody').address,
} as const;

export interface MemberSketch {
  readonly bic: string;
  readonly role: string;
  readonly keys: readonly TestKey[];
  readonly accounts: readonly {
    readonly label: string;
    readonly threshold?: number;
    readonly checkers?: readonly TestKey[];
    readonly keys: readonly TestKey[];
  }[];
  readonly validates?: boolean;
}

/** A member of a description, its keys with their proofs of possession. */
export function memberJson({ bic, role, keys, accounts, validates = false }: MemberSketch): Json {
  return {
    bic,
    lei: LEI,
    name: `Member ${bic}`,
    roles: [role],
    keys: keys.map((key) => ({ publicKey: toHex(key.publicKey), possession: toHex(possessionOf(key, bic)) })),
    accounts: accounts.map(({ label, threshold = 1, keys: used, checkers }) => ({
      label,
      threshold,
      keys: used.map(({ address }) => address),
      ...(checkers === undefined ? {} : { checkers: checkers.map(({ address }) => address) }),
    })),
    nodes: [{ peerId: `peer-${bic}`, role: validates ? 'validator' : 'observer', addresses: ['/ip4/127.0.0.1/tcp/1'] }],
    ...(validates ? { validator: keys[0]?.address ?? null } : {}),
  };
}

const own = (key: TestKey) => ({ label: 'settlement', keys: [key] });

/** The description of the network as JSON, for tests that change it. */
export function descriptionJson(): { readonly [field: string]: Json } {
  const custody = [KEYS.custodianOne, KEYS.custodianTwo, KEYS.custodianThree];
  return {
    chainId: CHAIN_ID,
    timestamp: TODAY_MS,
    parameters: { heartbeatMs: 1_000 },
    currencies: [
      { code: 'EUR', decimals: 2, issuer: CENTRAL_BANK },
      { code: 'USD', decimals: 2, issuer: CENTRAL_BANK },
    ],
    members: [
      memberJson({ bic: CENTRAL_BANK, role: 'centralBank', keys: [KEYS.central], accounts: [own(KEYS.central)] }),
      memberJson({
        bic: BANKS.alfa,
        role: 'bank',
        keys: [KEYS.alfa, KEYS.alfaSecond, KEYS.alfaSpare],
        accounts: [own(KEYS.alfa), { label: 'nostro', keys: [KEYS.alfaSecond] }],
        validates: true,
      }),
      memberJson({ bic: BANKS.beta, role: 'bank', keys: [KEYS.beta], accounts: [own(KEYS.beta)], validates: true }),
      memberJson({ bic: BANKS.gamma, role: 'bank', keys: [KEYS.gamma], accounts: [own(KEYS.gamma)], validates: true }),
      memberJson({
        bic: CUSTODIAN,
        role: 'custodian',
        keys: custody,
        accounts: [{ label: 'custody', threshold: 2, keys: custody }],
        validates: true,
      }),
    ],
  };
}

const genesis = buildGenesis(parseGenesisDescription(descriptionJson()), ENGINE_PIN);

export function testGenesis(): Genesis {
  return genesis;
}

export const GENESIS_HASH = genesisHash(genesis);

/** A refusal as a person reads it. */
export interface Refusal {
  readonly code: string;
  readonly failedCall: string;
  readonly data: Json;
}

/** The network with helpers that keep tests to one line a step. */
export class TestNetwork {
  readonly ledger: MemoryLedger;
  /** Codes that any refusal so far has had, as `contract.CODE`. */
  readonly codesSeen = new Set<string>();
  /** Who proposes what a test has governed. */
  proposer: Address = ACCOUNTS.central;

  /** @param deployed contracts beside the standard ones */
  constructor(deployed: readonly ExecutableContract[] = [], sandbox: Sandbox = new FakeSandbox()) {
    const programs = new Programs([sandbox]);
    const standard = new Map(
      [...standardContracts(), ...deployed, sandboxContract(programs.inspect)].map((contract) => [
        contract.name,
        contract,
      ]),
    );
    this.ledger = new MemoryLedger({
      contracts: (read) => new DeployedContracts(standard, programs, (key) => read(DEPLOYMENT, key)),
      directory: registryDirectory,
      chainId: CHAIN_ID,
      genesisHash: GENESIS_HASH,
      stateRoot: (height) => (height === 0 ? STATE_ROOT : undefined),
    });
    const receipt = this.ledger.run({ calls: genesisCalls(genesis), height: 0 });
    expect(receipt.failure, receipt.failure?.message).to.equal(undefined);
  }

  /** With the business day open and a million each in the banks' accounts. */
  static funded(deployed: readonly ExecutableContract[] = [], sandbox?: Sandbox): TestNetwork {
    const network = new TestNetwork(deployed, sandbox);
    for (const currency of ['EUR', 'USD']) {
      network.ok(ACCOUNTS.central, callOf(cash.methods.openBusinessDay, { currency, day: TODAY }));
      for (const account of [ACCOUNTS.alfa, ACCOUNTS.beta, ACCOUNTS.gamma, ACCOUNTS.custodian]) {
        const issue = {
          currency,
          account,
          amount: 1_000_000n,
          reserveReference: `R-${currency}-${account.slice(0, 10)}`,
        };
        network.ok(ACCOUNTS.central, callOf(cash.methods.issue, issue));
      }
    }
    return network;
  }

  /** Runs calls for a sender, signed by it alone unless told otherwise. */
  run(sender: Address, calls: readonly Call[], signers: readonly Address[] = [sender]): MemoryReceipt {
    return this.ledger.run({ sender, signers, calls, height: 1, timestamp: TODAY_MS });
  }

  ok(sender: Address, call: Call | readonly Call[], signers?: readonly Address[]): MemoryReceipt {
    const receipt = this.run(sender, Array.isArray(call) ? call : [call as Call], signers);
    expect(receipt.failure, `${receipt.failure?.failedCall}: ${receipt.failure?.message}`).to.equal(undefined);
    return receipt;
  }

  /** Has these calls proposed, approved by every bank and activated. @returns the failure's code, empty when they ran */
  govern(...calls: readonly Call[]): string {
    const { propose, approve, activateDue, proposal } = governance.methods;
    const terms = { activateAt: 3, expiresAt: TODAY_MS + 60_000, description: 'a test' };
    const { results } = this.ok(this.proposer, callOf(propose, { calls, ...terms }));
    const { id, hash } = decodeResult(propose, results[0]);
    for (const bank of [ACCOUNTS.alfa, ACCOUNTS.beta, ACCOUNTS.gamma, ACCOUNTS.central]) {
      if (this.view(proposal, { id })?.status === 'open') this.run(bank, [callOf(approve, { id, hash })]);
    }
    this.endBlock(2);
    const { status, code = '' } = this.view(proposal, { id }) ?? {};
    expect(status).to.equal(code === '' ? 'activated' : 'failed');
    expect(this.ledger.run({ calls: [callOf(activateDue, {})], height: 2 }).events).to.deep.equal([]);
    if (code !== '') this.codesSeen.add(`${calls[0]?.contract}.${code}`);
    return code;
  }

  /** What the executor does at the end of a block. */
  endBlock(height: number, timestamp = TODAY_MS): MemoryReceipt {
    const receipt = this.ledger.run({ calls: [callOf(governance.methods.activateDue, {})], height, timestamp });
    expect(receipt.failure, receipt.failure?.message).to.equal(undefined);
    return receipt;
  }

  /** Runs calls that must fail, and checks that nothing at all remains of them. */
  refused(sender: Address, call: Call | readonly Call[], signers?: readonly Address[]): Refusal {
    const before = this.ledger.snapshot();
    const { failure, events, outcomes } = this.run(sender, Array.isArray(call) ? call : [call as Call], signers);
    expect(failure, 'expected a refusal').not.to.equal(undefined);
    expect(this.ledger.snapshot()).to.deep.equal(before);
    expect([...events, ...outcomes]).to.deep.equal([]);
    const { code = '', failedCall = '', data = new Uint8Array() } = failure ?? {};
    const contract = failedCall.split('.')[0] ?? '';
    this.codesSeen.add(`${contract}.${code}`);
    return { code, failedCall, data: decodeErrorData(contract, code, data) };
  }

  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T {
    const result = this.ledger.view(callOf(method, args));
    return (method.returns as NonNullable<typeof method.returns>).decode(result);
  }

  balance(account: Address, currency = 'EUR'): bigint {
    return this.view(cash.methods.balance, { currency, account });
  }

  suspend(member: string): void {
    this.ok(ACCOUNTS.central, callOf(membership.methods.suspendMember, { member }));
  }

  /** Codes that the contract declares and no refusal has had yet. */
  missingCodes(contract: string): readonly string[] {
    const declared = Object.keys(
      standardContracts()
        .find(({ name }) => name === contract)
        ?.abi().errors ?? {},
    );
    return declared.filter((code) => !this.codesSeen.has(`${contract}.${code}`));
  }
}

function decodeResult<A, T>(method: MethodRef<A, T, 'tx'>, result: Uint8Array | undefined): T {
  return (method.returns as NonNullable<typeof method.returns>).decode(result ?? new Uint8Array());
}

function decodeErrorData(contract: string, code: string, data: Uint8Array): Json {
  const found = standardContracts().find(({ name }) => name === contract);
  if (found !== undefined) return found.codec.decodeErrorData(code, data);
  const schema = apiErrorSchema(code);
  return schema === undefined ? null : schema.toJson(schema.decode(data));
}
