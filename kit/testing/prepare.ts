import type { MethodDefinitions } from '../../contracts/api/define.js';
import type { BuiltContract, ExecutableContract } from '../../contracts/api/index.js';
import type { BorderBreach } from '../../sandbox/border/breach.js';
import { GuestFault } from '../../sandbox/errors.js';
import { createStandardEngine } from '../../sandbox/standardEngine.js';
import { buildContract, CheckFailedError } from '../build.js';
import { SourcePlaces } from '../bundle/sourcePlaces.js';
import { formatFinding } from '../check/finding.js';
import { KitError } from '../errors.js';
import { explainFault, loadBundle } from '../sandboxed.js';
import type { Executor, Executors } from './lane.js';
import { invalid } from './members.js';
import { type NetworkOptions, TestNetwork } from './network.js';

export interface PrepareOptions {
  /** Directory of the project; the current one when left out, which is the project's in `vostro contract test`. */
  readonly project?: string;
  /** `both` runs every call twice and compares; `native` needs no project and counts no fuel of a sandbox. */
  readonly executors?: 'both' | 'sandbox' | 'native';
}

/** A contract that is ready to be tested: built once, for any number of networks. */
export interface PreparedContract extends Executors {
  /** A network of its own for a test: nothing of another one is in it. @throws KitError `HARNESS_INVALID` */
  network(options?: NetworkOptions): TestNetwork;
}

/**
 * Builds a contract for its tests: checked, bundled and loaded into the sandbox as the chain would.
 *
 * @param contract what the project's entry exports: it runs natively, where a debugger can see it
 * @throws KitError `SOURCE_INVALID`, `BUILD_FAILED`, `LINT_FAILED` with every finding, `HARNESS_INVALID` where the project
 *   builds another contract
 */
export async function prepare(
  contract: BuiltContract<MethodDefinitions>,
  { project = '.', executors = 'both' }: PrepareOptions = {},
): Promise<PreparedContract> {
  const native = executors === 'sandbox' ? undefined : { contract, takeReason: () => undefined };
  const sandbox = executors === 'native' ? undefined : await sandboxed(contract, project);
  return { native, sandbox, network: (options = {}) => new TestNetwork({ native, sandbox }, options) };
}

async function sandboxed(contract: ExecutableContract, project: string): Promise<Executor> {
  const build = await buildContract(project).catch((error: unknown) => {
    throw error instanceof CheckFailedError ? withFindings(error) : error;
  });
  const places = new SourcePlaces(build.sourceMap, build.project.modules.keys());
  const reasons: string[] = [];
  const loaded = loadBundle(createStandardEngine(), build.program, places, (_, fault) => {
    reasons.splice(0, reasons.length, reasonOf(fault, places));
  });
  const { name, version } = loaded.abi;
  if (name !== contract.name || version !== contract.version) {
    throw invalid(`the contract of the project (${name} version ${version})`, `${contract.name} ${contract.version}`);
  }
  return { contract: loaded.contract, takeReason: () => reasons.pop() };
}

function reasonOf(fault: GuestFault | BorderBreach, places: SourcePlaces): string {
  return fault instanceof GuestFault ? explainFault(fault, places) : fault.message;
}

/** In a test's output there is nowhere else to look. */
function withFindings({ project, findings, details }: CheckFailedError): KitError {
  const texts = findings.map((finding) => formatFinding(finding, project.modules.get(finding.file)));
  return new KitError('LINT_FAILED', `the check of the contract found:\n\n${texts.join('\n\n')}`, details);
}
