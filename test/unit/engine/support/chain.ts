import { DEFAULT_PARAMETERS } from '../../../../genesis/defaults.js';
import type { CertifiedBlock, ChainHead } from '../../../../node/execution/types.js';
import { chooseBackend } from '../../../../node/signatures/chooseBackend.js';
import type { SignatureVerifier } from '../../../../node/signatures/types.js';
import { headerHash } from '../../../../primitives/block.js';
import { equalBytes } from '../../../../primitives/bytes.js';
import { invariant } from '../../../../primitives/errors.js';
import { EMPTY_TREE_ROOT } from '../../../../primitives/merkle.js';
import { validatorsHash } from '../../../../primitives/validator.js';
import { certify, type TestValidator, testHeader } from '../../../support/finalityFixture.js';

export const { backend } = chooseBackend();

/** Checks at once, in this thread. */
export const inlineVerifier: SignatureVerifier = {
  verifyMany: async (checks) =>
    checks.map(({ signature, digest, publicKey }) => backend.verify(signature, digest, publicKey)),
  stop: async () => {},
};

/** The validators of each height: those of the first entry from height 1, later ones from their own height on. */
export type ValidatorPlan = readonly { readonly fromHeight: number; readonly validators: readonly TestValidator[] }[];

export function validatorsAt(plan: ValidatorPlan, height: number): readonly TestValidator[] {
  const found = plan.filter((entry) => entry.fromHeight <= height).at(-1);
  invariant(found !== undefined, 'a plan begins at height 1');
  return found.validators;
}

export function genesisHead(plan: ValidatorPlan): ChainHead {
  const first = validatorsHash(validatorsAt(plan, 1));
  const header = testHeader({ height: 0, validatorsHash: first, nextValidatorsHash: first });
  return {
    header,
    blockHash: headerHash(header),
    certificate: undefined,
    validators: validatorsAt(plan, 1),
    parameters: DEFAULT_PARAMETERS,
  };
}

/** Empty blocks 1 to `length`, each certified by the validators of its height. */
export function certifiedChain(plan: ValidatorPlan, length: number): CertifiedBlock[] {
  const blocks: CertifiedBlock[] = [];
  let parentHash = genesisHead(plan).blockHash;
  for (let height = 1; height <= length; height++) {
    const header = testHeader({
      height,
      parentHash,
      timestamp: 1_790_000_000_000 + height,
      txRoot: EMPTY_TREE_ROOT,
      validatorsHash: validatorsHash(validatorsAt(plan, height)),
      nextValidatorsHash: validatorsHash(validatorsAt(plan, height + 1)),
    });
    parentHash = headerHash(header);
    blocks.push({ block: { header, transactions: [] }, certificate: certify(header, validatorsAt(plan, height)) });
  }
  return blocks;
}

/** A head that blocks are put upon without being executed; anything but the next block is a failed test. */
export class FakeChain {
  head: ChainHead;

  constructor(private readonly plan: ValidatorPlan) {
    this.head = genesisHead(plan);
  }

  async commitAll(blocks: readonly CertifiedBlock[]): Promise<void> {
    for (const certified of blocks) await this.commit(certified);
  }

  async commit({ block, certificate }: CertifiedBlock): Promise<void> {
    const { header } = block;
    if (header.height <= this.head.header.height) return;
    invariant(header.height === this.head.header.height + 1, 'blocks are committed in order');
    invariant(equalBytes(header.parentHash, this.head.blockHash), 'blocks are committed on their parent');
    const validators = validatorsAt(this.plan, header.height + 1);
    this.head = { header, blockHash: headerHash(header), certificate, validators, parameters: DEFAULT_PARAMETERS };
  }
}
