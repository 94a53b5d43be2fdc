import { type ContractAbi, parseContractAbi } from '../../contracts/api/index.js';
import type { Json } from '../../contracts/api/schema.js';
import { contractTables, formOf } from './contractTables.js';

/**
 * The page of one contract: what it takes, gives, refuses and keeps, as Markdown. Everything on it comes from the ABI.
 *
 * @throws AbiError `ABI_INVALID`, `ABI_TOO_LARGE`
 */
export function contractPage(unchecked: ContractAbi): string {
  const abi = parseContractAbi(unchecked as unknown as Json);
  const migrations = Object.entries(abi.migrations).flatMap(([from, { reads }]) => [
    `From version ${from}, reading of its state:`,
    '',
    '| Map | Key | Value |',
    '|---|---|---|',
    ...Object.entries(reads).map(
      ([name, { keys, value }]) => `| ${name} | ${keys.map(formOf).join(', ')} | ${formOf(value)} |`,
    ),
    '',
  ]);
  return [
    `# ${abi.name}`,
    '',
    `Version ${abi.version}. \`vostro contract call ${abi.name} <method>\` sends a call, \`vostro contract view ${abi.name} <method>\` asks;`,
    '`--help` behind the method lists its arguments. The forms of values are those of docs/PROTOCOL.md §Contracts ABI; in JSON, amounts',
    'are decimal strings of minor units, addresses and bytes hexadecimal. Beside the codes below, a call may end with those of the API.',
    '',
    'By says whose authorisation a method asks for: `accounts`, those that its arguments name; `accounts of the state`, those that it',
    'finds in the state; `sender`, the account that the transaction is sent for; `role`, a member with it; `contract`, the calling contract,',
    'and `a contract` any of them. A view asks nobody.',
    '',
    contractTables(abi),
    '',
    ...(migrations.length > 0 ? ['## Migrations', '', ...migrations] : []),
  ].join('\n');
}
