import { callOf } from '../../contracts/api/index.js';
import { cash, membership } from '../../contracts/index.js';
import { addressFromPublicKey } from '../../primitives/address.js';
import { sha256 } from '../../primitives/hash.js';
import { publicKeyOf } from '../../primitives/signature.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Address, Call } from '../../primitives/types.js';
import { KitError } from '../errors.js';

/** A bank of a test: a name, and the one account that it has. */
export interface TestMember {
  readonly name: string;
  readonly bic: string;
  readonly account: Address;
}

/** Issues every currency. */
export const CENTRAL_BANK = 'central';

const MEMBER_NAME = /^[a-z][a-zA-Z0-9]{0,30}$/;
const MAX_MEMBERS = 90;
const SUITE_SECP256K1 = 1;
/** A valid one; nothing in a test asks for more. */
const LEI = '5299000J2N45DDNE4Y28';

/** Members by name, the central bank first; the same names give the same accounts. */
export class TestMembers {
  readonly #members: ReadonlyMap<string, TestMember>;
  readonly #genesis: readonly Call[];

  /** @throws KitError `HARNESS_INVALID` */
  constructor(names: readonly string[]) {
    const all = [CENTRAL_BANK, ...names];
    if (new Set(all).size !== all.length || all.length > MAX_MEMBERS || !all.every((name) => MEMBER_NAME.test(name))) {
      throw invalid(`names of members, each once and none of them "${CENTRAL_BANK}"`, names.join(', '));
    }
    const keys = all.map((name) => publicKeyOf(sha256(utf8Encode(`vostro contract test ${name}`))));
    const members = all.map((name, index): TestMember => {
      const bic = `BK${String(index + 10)}DEFF`;
      return { name, bic, account: addressFromPublicKey(keys[index] as Uint8Array) };
    });
    this.#members = new Map(members.map((member) => [member.name, member]));
    this.#genesis = members.flatMap((member, index) => genesisOf(member, keys[index] as Uint8Array));
  }

  /** @throws KitError `HARNESS_INVALID` */
  get(name: string): TestMember {
    const member = this.#members.get(name);
    if (member === undefined) throw invalid(`one of ${[...this.#members.keys()].join(', ')}`, `"${name}"`);
    return member;
  }

  /** The name of a member's account, for messages. */
  nameOf(account: Address): string | undefined {
    return [...this.#members.values()].find((member) => member.account === account)?.name;
  }

  genesisCalls(currencies: readonly string[]): readonly Call[] {
    const { bic } = this.get(CENTRAL_BANK);
    const issued = currencies.map((currency) =>
      callOf(cash.methods.genesisCurrency, { currency, decimals: 2, issuer: bic }),
    );
    return [...this.#genesis, ...issued];
  }
}

function genesisOf({ name, bic, account }: TestMember, publicKey: Uint8Array): readonly Call[] {
  const role = name === CENTRAL_BANK ? 'centralBank' : 'bank';
  const keys = [{ suite: SUITE_SECP256K1, publicKey }];
  const accounts = [{ label: 'settlement', threshold: 1, keys: [account], checkers: [] }];
  return [
    callOf(membership.methods.genesisMember, { member: bic, lei: LEI, name, roles: [role] }),
    callOf(membership.methods.genesisKeys, { member: bic, keys }),
    callOf(membership.methods.genesisAccounts, { member: bic, accounts }),
  ];
}

export function invalid(expected: string, actual: string): KitError {
  return new KitError('HARNESS_INVALID', `expected ${expected}, found ${actual}`, { expected, actual });
}
