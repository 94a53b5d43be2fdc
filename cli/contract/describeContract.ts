import { canonicalAbiText } from '../../contracts/api/abiParse.js';
import { contractBindings } from '../../kit/bindings/contractBindings.js';
import { contractPage } from '../../kit/reference/contractPage.js';
import { writeOutputFile } from '../files.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { type DescribedContract, describedContract } from './contractSource.js';

export async function showAbi(invocation: Invocation): Promise<CommandResult> {
  const { abi } = await describedContract(invocation, argument(invocation, 0, 'contract'));
  // In the order of its canonical text, whose hash others may compare.
  const ordered: unknown = JSON.parse(canonicalAbiText(abi));
  return { data: { abi: ordered }, text: JSON.stringify(ordered, undefined, 2) };
}

export function writeBindings(invocation: Invocation): Promise<CommandResult> {
  const methods = invocation.options
    .text('methods')
    ?.split(',')
    .map((name) => name.trim());
  return writeText(invocation, ({ abi }) => contractBindings(abi, methods === undefined ? {} : { methods }));
}

export function writeReference(invocation: Invocation): Promise<CommandResult> {
  return writeText(invocation, ({ abi }) => contractPage(abi));
}

async function writeText(
  invocation: Invocation,
  make: (contract: DescribedContract) => string,
): Promise<CommandResult> {
  const contract = await describedContract(invocation, argument(invocation, 0, 'contract'));
  const { name, version } = contract.abi;
  const text = make(contract);
  const file = invocation.options.text('out');
  if (file === undefined) return { data: { contract: name, version, text }, text: text.trimEnd() };
  await writeOutputFile(file, text);
  return { data: { contract: name, version, file }, text: `${file}: ${name}, version ${version}` };
}
