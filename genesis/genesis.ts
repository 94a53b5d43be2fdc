import type { Infer, Json } from '../contracts/api/schema.js';
import { lowestThreshold } from '../contracts/membership/policy.js';
import { VALIDATOR_LABEL } from '../contracts/membership/records.js';
import { addressOfKey } from '../primitives/address.js';
import { fromHex, type Hash } from '../primitives/bytes.js';
import { invariant } from '../primitives/errors.js';
import type { TrustedChain } from '../primitives/finality.js';
import { TAGS, taggedHash } from '../primitives/hash.js';
import { possessionDigest } from '../primitives/possession.js';
import { nobleBackend } from '../primitives/signature.js';
import { SUITE_SECP256K1 } from '../primitives/suite.js';
import type { Address, SignatureBackend, Validator } from '../primitives/types.js';
import { checkGenesis } from './check.js';
import { completeParameters } from './defaults.js';
import { genesisError } from './errors.js';
import { canonicalSchema, descriptionSchema, fileSchema, readBySchema } from './schema.js';
import type { Genesis, GenesisEngine, GenesisParameters } from './types.js';

/**
 * Reads a genesis file: its shape, the ranges of its parameters, and that members, keys, accounts, nodes and validators
 * fit each other. Proofs of possession are `verifyGenesis`'s to check.
 *
 * @param backend by which keys are checked: the pure one takes about 0.5 ms a key, the native one 0.05
 * @throws GenesisError with path, expected and actual
 */
export function parseGenesis(json: unknown, backend: SignatureBackend = nobleBackend): Genesis {
  // Version and suites are wider in the file than in the type, and are the first things that are checked.
  const genesis = withoutAbsent(readBySchema(fileSchema, json)) as Genesis;
  checkGenesis(genesis, backend);
  return genesis;
}

/** A validator that is left out is no field at all, not an undefined one. */
function withoutAbsent(file: Infer<typeof fileSchema>): unknown {
  const members = file.members.map(({ validator, ...member }) =>
    validator === undefined ? member : { ...member, validator },
  );
  return { ...file, members };
}

/** The genesis as the JSON that `parseGenesis` reads. */
export function genesisToJson(genesis: Genesis): Json {
  return fileSchema.toJson(genesis);
}

/** Canonical bytes, without the proofs of possession (PROTOCOL §Genesis). */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return canonicalSchema.encode(genesis);
}

/** H(tag ‖ canonical bytes): what every signature of the chain is bound to. */
export function genesisHash(genesis: Genesis): Hash {
  return taggedHash(TAGS.genesis, encodeGenesis(genesis));
}

/**
 * Checks every rule again, and that each key signed for its chain and member (PROTOCOL §What makes a genesis valid G8).
 *
 * @throws GenesisError
 */
export function verifyGenesis(genesis: Genesis, backend: SignatureBackend = nobleBackend): void {
  checkGenesis(genesis, backend);
  genesis.members.forEach((member, index) => {
    member.keys.forEach((key, position) => {
      const publicKey = fromHex(key.publicKey);
      const digest = possessionDigest({ chainId: genesis.chainId, member: member.bic, publicKey });
      if (backend.verify(fromHex(key.possession), digest, publicKey)) return;
      throw genesisError(
        'GENESIS_POSSESSION',
        `$.members[${index}].keys[${position}].possession`,
        `a signature of ${key.address} for ${genesis.chainId} and ${member.bic}`,
        'another value',
        'have the member prove possession again, for this chain id and BIC',
      );
    });
  });
}

/** What a genesis is built from, as a person writes it. */
export type GenesisDescription = Infer<typeof descriptionSchema>;

/** Reads the JSON of a description. @throws GenesisError `GENESIS_MALFORMED` */
export function parseGenesisDescription(json: unknown): GenesisDescription {
  return readBySchema(descriptionSchema, json);
}

/**
 * Builds a genesis: addresses from keys, accounts from their first keys, thresholds of one, no checkers, an account for each validator's
 * key, default parameters, the engine of who builds it, and all validating members in their order, wherever the description does not say otherwise.
 *
 * @throws GenesisError
 */
export function buildGenesis(
  description: GenesisDescription,
  runningEngine: GenesisEngine,
  backend: SignatureBackend = nobleBackend,
): Genesis {
  const members = description.members.map((member, index) => ({
    ...member,
    keys: member.keys.map(({ suite, publicKey, possession }, position) => ({
      address: derivedAddress(publicKey, `$.members[${index}].keys[${position}].publicKey`, backend),
      suite: suite ?? SUITE_SECP256K1,
      publicKey,
      possession,
    })),
    accounts: withValidatorAccount(member.validator, member.accounts).map(({ label, threshold, keys, checkers }) => ({
      account: keys[0],
      label,
      threshold: threshold ?? lowestThreshold(checkers ?? []),
      keys,
      checkers: checkers ?? [],
    })),
  }));
  const given = Object.entries(description.parameters ?? {}).filter(([, value]) => value !== undefined);
  const parameters = Object.fromEntries(given) as Partial<GenesisParameters>;
  const file = {
    version: 1,
    chainId: description.chainId,
    timestamp: description.timestamp,
    parameters: completeParameters(parameters, members.length),
    engine: description.engine ?? runningEngine,
    currencies: description.currencies,
    members,
    validators: description.validators ?? members.filter((m) => m.validator !== undefined).map(({ bic }) => bic),
  };
  return parseGenesis(file, backend);
}

type AccountDescription = GenesisDescription['members'][number]['accounts'][number];

/** A validator's key has an account of its own, under its own address, for which its node speaks. */
function withValidatorAccount(
  validator: Address | undefined,
  accounts: readonly AccountDescription[],
): readonly AccountDescription[] {
  if (validator === undefined || accounts.some(({ keys }) => keys[0] === validator)) return accounts;
  return [...accounts, { label: VALIDATOR_LABEL, threshold: 1, keys: [validator], checkers: [] }];
}

function derivedAddress(publicKey: string, path: string, { decompress }: SignatureBackend): string {
  const address = addressOfKey(fromHex(publicKey), decompress);
  if (address === undefined) throw genesisError('GENESIS_KEY', path, 'a public key', publicKey);
  return address;
}

/** The ordered list that decides height 1. */
export function genesisValidators(genesis: Genesis): readonly Validator[] {
  return genesis.validators.map((bic) => {
    const member = genesis.members.find((candidate) => candidate.bic === bic);
    const key = member?.keys.find(({ address }) => address === member.validator);
    invariant(key !== undefined, 'a checked genesis names a key for each validator', { actual: bic });
    return { address: key.address, suite: key.suite, publicKey: fromHex(key.publicKey) };
  });
}

/** What a client trusts that holds the genesis file and nothing else. */
export function trustedChain(genesis: Genesis): TrustedChain {
  const { stateTreeDepth: treeDepth, statePageEntries: pageEntries } = genesis.parameters;
  return {
    chainId: genesis.chainId,
    genesisHash: genesisHash(genesis),
    validators: genesisValidators(genesis),
    stateShape: { treeDepth, pageEntries },
  };
}
