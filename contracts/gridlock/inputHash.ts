import type { Hash } from '../../primitives/bytes.js';
import { VERSION_ITEM } from '../../primitives/format.js';
import { domainTag, taggedHash } from '../../primitives/hash.js';
import { encode, encodeBigint, encodeUint, type RlpInput } from '../../primitives/rlp.js';
import { utf8Encode } from '../../primitives/text.js';
import { type GridlockInput, RANKS } from './input.js';
import { compareNames } from './network.js';

/**
 * Names an input, so that a receipt of a run says what it was of: the tagged SHA-256 (`vostro/v1/gridlock-input`) of the RLP
 * of `[version, banks, payments, limits]`. Banks are `[name, available]` in the order of their names by code units,
 * payments `[id, debtor, creditor, amount, rank, held]` by creation, the rank 0 for central bank to 3 for normal, limits
 * `[debtor, creditor, negative, amount]` by debtor and creditor; 1 stands for true.
 *
 * @throws RlpError for numbers that no input may hold
 */
export function hashGridlockInput({ banks, payments, limits }: GridlockInput): Hash {
  const flag = (isSet: boolean): Uint8Array => encodeUint(isSet ? 1 : 0);
  const bankItems = [...banks]
    .sort((a, b) => compareNames(a.bank, b.bank))
    .map(({ bank, available }): RlpInput => [utf8Encode(bank), encodeBigint(available)]);
  const paymentItems = payments.map(
    ({ id, debtor, creditor, amount, rank, isHeld }): RlpInput => [
      ...[id, debtor, creditor].map(utf8Encode),
      encodeBigint(amount),
      encodeUint(RANKS.indexOf(rank)),
      flag(isHeld),
    ],
  );
  const limitItems = [...limits]
    .sort((a, b) => compareNames(a.debtor, b.debtor) || compareNames(a.creditor, b.creditor))
    .map(({ debtor, creditor, net }): RlpInput => {
      const isNegative = net < 0n;
      return [utf8Encode(debtor), utf8Encode(creditor), flag(isNegative), encodeBigint(isNegative ? -net : net)];
    });
  const bytes = encode([VERSION_ITEM, bankItems, paymentItems, limitItems]);
  return taggedHash(domainTag('vostro/v1/gridlock-input'), bytes);
}
