import type { MethodKind, MethodRef } from '../../contracts/api/method.js';
import { invariant } from '../../primitives/errors.js';
import type { Call } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import type { WalletAccount } from '../wallet.js';

/** What a command tells of what it has done. */
export interface Told {
  readonly sentence: string;
  readonly data?: object;
}

/** A thing as it stands, for programs and for people. */
export interface Description {
  readonly data: object;
  readonly text: string;
}

/** One transaction, and what is told once it is final; `result` is that of its first call. */
export interface Step {
  readonly call: Call;
  readonly alsoSigned?: readonly WalletAccount[];
  told(result: Uint8Array | undefined): Told | Promise<Told>;
}

/** Sends one call for the account that the command acts for. */
export async function takeStep(
  invocation: Invocation,
  make: (session: Session, account: WalletAccount) => Promise<Step>,
): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { call, alsoSigned = [], told } = await make(session, account);
  return transact(session, invocation, { account, calls: [call], alsoSigned }, async (final) => {
    const { sentence, data = {} } = await told(final.receipt.results[0]);
    return finalResult(final, sentence, data);
  });
}

/** What a method gave back. */
export function resultOf<A, T>({ returns }: MethodRef<A, T, MethodKind>, bytes: Uint8Array | undefined): T {
  invariant(bytes !== undefined && returns !== undefined, 'the call has a result');
  return returns.decode(bytes);
}

/** Money of one currency, as people and as programs read and write it. */
export class Money {
  readonly #decimals: number;

  constructor(
    { network }: Pick<Session, 'network'>,
    readonly currency: string,
  ) {
    this.#decimals = network.decimalsOf(currency);
  }

  parse(text: string): bigint {
    return parseMajorAmount(text, this.#decimals);
  }

  /** `1,250.00 EUR`. */
  shown(amount: bigint): string {
    return `${formatAmountForPeople(amount, this.#decimals)} ${this.currency}`;
  }

  /** `1250.00`. */
  data(amount: bigint): string {
    return formatMajorAmount(amount, this.#decimals);
  }
}

export function timeOf(timestamp: number): string {
  return new Date(timestamp).toISOString();
}
