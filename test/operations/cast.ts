import { buildGenesis, parseGenesisDescription } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import type { Address } from '../../primitives/types.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { CHAIN_ID, keyOf, memberJson, type TestKey, TODAY_MS } from '../support/settlementNetwork.js';

/**
 * Who takes part: two central banks that issue three currencies and a supervisor, two persons each with an account of their own, five
 * banks, a custodian whose account takes two of three keys.
 */

export interface Party {
  readonly name: string;
  readonly account: Address;
  readonly member: string;
  readonly role: 'centralBank' | 'bank' | 'custodian' | 'operator' | 'supervisor';
  /** Of the account's policy. */
  readonly keys: readonly Address[];
  /** Keys that suffice together. */
  readonly signers: readonly Address[];
}

export const ISSUERS: Readonly<Record<string, string>> = { EUR: 'CENBDEFF', USD: 'FEDRUS33', GBP: 'FEDRUS33' };
export const CURRENCIES = Object.keys(ISSUERS);

interface Sketch {
  readonly member: string;
  readonly role: Party['role'];
  readonly accounts: readonly string[];
  readonly validates?: boolean;
  /** Keys of each account, all but one of which must sign. */
  readonly keys?: number;
}

const SKETCHES: readonly Sketch[] = [
  { member: 'CENBDEFF', role: 'centralBank', accounts: ['settlement', 'second'] },
  { member: 'FEDRUS33', role: 'centralBank', accounts: ['settlement', 'second'] },
  { member: 'SUPVBEBB', role: 'supervisor', accounts: ['first', 'second'] },
  { member: 'ALFADEFF', role: 'bank', accounts: ['settlement', 'nostro'], validates: true },
  { member: 'BETAFRPP', role: 'bank', accounts: ['settlement', 'nostro'], validates: true },
  { member: 'GAMAITMM', role: 'bank', accounts: ['settlement'], validates: true },
  { member: 'DELTESMM', role: 'bank', accounts: ['settlement'] },
  { member: 'EPSIGB2L', role: 'bank', accounts: ['settlement'] },
  { member: 'CUSTNL2A', role: 'custodian', accounts: ['custody'], validates: true, keys: 3 },
  { member: 'OPERBEBB', role: 'operator', accounts: ['settlement'] },
];

function keysOf({ member, keys = 1 }: Sketch, label: string): readonly TestKey[] {
  return Array.from({ length: keys }, (_, index) => keyOf(`operations ${member} ${label} ${index}`));
}

function partiesOf(sketch: Sketch): readonly Party[] {
  const { member, role, accounts, keys = 1 } = sketch;
  return accounts.map((label) => {
    const own = keysOf(sketch, label).map(({ address }) => address);
    const [account] = own as [Address];
    return {
      name: `${member}/${label}`,
      account,
      member,
      role,
      keys: own,
      signers: own.slice(0, Math.max(1, keys - 1)),
    };
  });
}

export const PARTIES: readonly Party[] = SKETCHES.flatMap(partiesOf);
export const CENTRAL_BANKS: readonly Party[] = PARTIES.filter(({ role }) => role === 'centralBank');
/** Those that order freezes and seizures. */
export const AUTHORITIES: readonly Party[] = [...CENTRAL_BANKS, ...PARTIES.filter(({ role }) => role === 'supervisor')];
/** Those that pay and hold. */
export const BANKS: readonly Party[] = PARTIES.filter((party) => !AUTHORITIES.includes(party));

const byAccount = new Map(PARTIES.map((party) => [party.account, party]));

export function partyOf(account: Address): Party | undefined {
  return byAccount.get(account);
}

/** The central bank that issues a currency. */
export function issuerOf(currency: string): Party {
  return CENTRAL_BANKS.find(({ member }) => member === ISSUERS[currency]) ?? (CENTRAL_BANKS[0] as Party);
}

/** True when the signers satisfy the account's policy. */
export function isAuthorised(account: Address, signers: readonly Address[]): boolean {
  const party = byAccount.get(account);
  return party !== undefined && party.signers.filter((key) => signers.includes(key)).length >= party.signers.length;
}

export function operationsGenesis(): Genesis {
  const members = SKETCHES.map((sketch) => {
    const { member, role, accounts, validates = false, keys = 1 } = sketch;
    const own = accounts.map((label) => ({ label, keys: keysOf(sketch, label), threshold: Math.max(1, keys - 1) }));
    const all = own.flatMap((account) => account.keys);
    return memberJson({ bic: member, role, keys: all, accounts: own, validates });
  });
  const currencies = CURRENCIES.map((code) => ({ code, decimals: 2, issuer: ISSUERS[code] as string }));
  const description = {
    chainId: CHAIN_ID,
    timestamp: TODAY_MS,
    parameters: { heartbeatMs: 1_000 },
    currencies,
    members,
  };
  return buildGenesis(parseGenesisDescription(description), ENGINE_PIN);
}
