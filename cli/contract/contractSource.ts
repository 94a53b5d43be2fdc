import type { AbiCodec, ContractAbi } from '../../contracts/api/abi.js';
import { ABI_LIMITS, parseContractAbi } from '../../contracts/api/abiParse.js';
import { codecFromAbi } from '../../contracts/api/abiSchema.js';
import { standardContracts } from '../../contracts/index.js';
import { usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import { openSession, type Session } from '../session.js';

/** What a command needs of a contract that it describes. */
export interface DescribedContract {
  readonly abi: ContractAbi;
  readonly codec: AbiCodec;
}

/** A formatted ABI has more spaces than the canonical one. */
const MAX_FILE_BYTES = 8 * ABI_LIMITS.textBytes;

/** Reads `escrow`, or `escrow@2`. @throws CliError `USAGE_INVALID` */
export function parseContractName(text: string): { readonly name: string; readonly version: number | undefined } {
  const [, name, version] = /^([a-z][a-zA-Z0-9]{0,63})(?:@([1-9]\d{0,14}))?$/.exec(text) ?? [];
  if (name === undefined) throw usageError('contract', 'a name as escrow or escrow@2', `"${text.slice(0, 64)}"`);
  return { name, version: version === undefined ? undefined : Number(version) };
}

/** A contract that every network has, by its name; asks nobody. */
export function standardNamed(text: string): DescribedContract | undefined {
  const { name, version } = parseContractName(text);
  const found = standardContracts().find((contract) => contract.name === name);
  if (found === undefined || (version !== undefined && version !== found.version)) return undefined;
  return { abi: found.abi(), codec: found.codec };
}

/** A contract of the network, proven from the genesis file where a bank wrote it. @throws AbiError `CONTRACT_UNKNOWN` */
export async function contractOf(session: Session, text: string): Promise<DescribedContract> {
  const { name, version } = parseContractName(text);
  return session.client.contract(name, version);
}

/** From a file with `--abi`, from this package where every network has it, else from the network. @throws AbiError */
export async function describedContract(invocation: Invocation, text: string): Promise<DescribedContract> {
  const file = invocation.options.text('abi');
  if (file === undefined) return standardNamed(text) ?? contractOf(await openSession(invocation), text);
  const abi = parseContractAbi(compact(await readTextFile(file, MAX_FILE_BYTES)));
  const { name, version } = parseContractName(text);
  if (abi.name !== name || (version !== undefined && abi.version !== version)) {
    throw usageError('--abi', `the ABI of ${text}`, `that of ${abi.name}@${abi.version}`);
  }
  return { abi, codec: codecFromAbi(abi) };
}

/** Spaces of a file are nobody's fault; what is no JSON stays as it is, to be refused. */
function compact(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    // What `contract abi --json` and a build write holds the ABI as a member.
    const inner = typeof json === 'object' && json !== null && 'abi' in json ? json.abi : json;
    return JSON.stringify(inner);
  } catch {
    return text;
  }
}
