import type { Fields, OptionalSchema } from '../contracts/api/composites.js';
import { type Infer, type Schema, SchemaError } from '../contracts/api/schema.js';
import { t } from '../contracts/api/t.js';
import { checkers, identityFields, nodeFields, policyFields } from '../contracts/membership/records.js';
import { parameterFields } from '../contracts/parameters/records.js';
import { LIMITS } from '../primitives/limits.js';
import { GenesisError } from './errors.js';
import { GENESIS_LIMITS as MAX } from './limits.js';

/** The shapes of the genesis file and of the description that it is built from; what they mean is checked elsewhere. */

/** Of the sandbox that runs bank contracts. */
const engine = t.struct({ version: t.uint(), hash: t.hex(32) });

const keyFields = { suite: t.uint(255), publicKey: t.hex(33) };
const possession = { possession: t.hex(64) };

const currencies = t.list(t.struct({ code: t.currency, decimals: t.uint(6), issuer: t.bic }), MAX.currencies);

const nodes = t.list(t.struct({ peerId: t.id, ...nodeFields }), MAX.nodesPerMember);

function members<K, A>(key: Schema<K>, account: Schema<A>) {
  const member = t.struct({
    bic: t.bic,
    ...identityFields,
    keys: t.list(key, MAX.keysPerMember),
    accounts: t.list(account, MAX.accountsPerMember),
    nodes,
    validator: t.optional(t.address),
  });
  return t.list(member, MAX.members, 1);
}

function genesis<K>(key: Schema<K>) {
  return t.struct({
    version: t.uint(255),
    chainId: t.id,
    timestamp: t.uint(),
    parameters: t.struct(parameterFields),
    engine,
    currencies,
    members: members(key, t.struct({ account: t.address, ...policyFields })),
    validators: t.list(t.bic, LIMITS.validators, 1),
  });
}

/** The file: everything, proofs of possession too. */
export const fileSchema = genesis(t.struct({ address: t.address, ...keyFields, ...possession }));

/** What the genesis hash covers: everything but the proofs, which name the chain that the hash identifies. */
export const canonicalSchema = genesis(t.struct({ address: t.address, ...keyFields }));

type EachOptional<F extends Fields> = { readonly [N in keyof F]: OptionalSchema<Infer<F[N]>> };

function eachOptional<F extends Fields>(fields: F): EachOptional<F> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, t.optional(field)]),
  ) as EachOptional<F>;
}

/** What a person writes to have a genesis file built: no addresses that follow from keys, parameters only where they differ. */
export const descriptionSchema = t.struct({
  chainId: t.id,
  timestamp: t.uint(),
  parameters: t.optional(t.struct(eachOptional(parameterFields))),
  /** Where it is another than the one that builds the file has. */
  engine: t.optional(engine),
  currencies,
  members: members(
    t.struct({ suite: t.optional(t.uint(255)), publicKey: t.hex(33), ...possession }),
    t.struct({ ...policyFields, threshold: t.optional(t.uint(16)), checkers: t.optional(checkers) }),
  ),
  validators: t.optional(t.list(t.bic, LIMITS.validators, 1)),
});

/** Reads JSON by a schema. @throws GenesisError `GENESIS_MALFORMED` that names path, expected and actual */
export function readBySchema<T>(schema: Schema<T>, json: unknown): T {
  try {
    return schema.parseJson(json, '$');
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new GenesisError('GENESIS_MALFORMED', error.message, error.details);
  }
}
