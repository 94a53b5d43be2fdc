import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { ARTEFACT_KINDS } from './artefacts.js';
import { deploymentState, engineFields, hash, index, name, total, version } from './records.js';

const limit = t.uint();
const kind = t.enum(ARTEFACT_KINDS);

/** Changes of maps that a failure names at most. */
export const MAX_NAMED_CHANGES = 16;

const events = {
  EngineAllowed: engineFields,
  EngineRetired: engineFields,
  /** All chunks of it are there. */
  Uploaded: { member: t.bic, hash, sizeBytes: t.uint() },
  UploadRemoved: { member: t.bic, hash },
  Registered: { name, version, bundle: hash, source: hash, engine: hash, member: t.bic },
  Withdrawn: { name, version, bundle: hash, member: t.bic },
  /** `migratedFrom` is the version whose state was taken over by a migration. */
  Activated: { name, version, bundle: hash, fromHeight: t.uint(), migratedFrom: t.optional(version) },
  Retired: { name, version },
};

const errors = {
  /** The chain runs nothing on this engine. */
  ENGINE_UNKNOWN: { engine: hash },
  ENGINE_EXISTS: { engine: hash },
  ENGINES_TOO_MANY: { limit },
  /** An active contract runs on it, or it is the only one. */
  ENGINE_IN_USE: { engine: hash },
  CHUNK_INVALID: { index: t.uint(), total: t.uint() },
  /** The upload was begun with another number of chunks. */
  UPLOAD_MISMATCH: { total },
  UPLOAD_UNKNOWN: { member: t.bic, hash },
  /** More bytes than a member may have uploaded and not registered. */
  PENDING_TOO_LARGE: { limit },
  UPLOADS_TOO_MANY: { limit },
  /** The first chunk that is missing. */
  UPLOAD_INCOMPLETE: { hash, index },
  SIZE_EXCEEDED: { kind, limit, actual: t.uint() },
  /** The bytes have another hash than the one they were uploaded under, as an artefact of that kind. */
  HASH_MISMATCH: { kind, expected: hash, actual: hash },
  /** No name of a contract, or one that is kept. */
  NAME_INVALID: { name },
  VERSION_INVALID: { expected: version, actual: version },
  /** The member has registered it already. */
  CANDIDATE_EXISTS: { name, version, bundle: hash },
  CANDIDATES_TOO_MANY: { limit },
  /** The sandbox does not load it: why, as PROTOCOL §Deployment T4 lists it. */
  BUNDLE_REFUSED: { reason: t.id },
  /** The program declares another name or version than it is registered under. */
  ABI_MISMATCH: { name: t.text(64), version },
  /** It reads what the active version has written in another way, and declares no migration from it. */
  INCOMPATIBLE: {
    from: version,
    changes: t.list(t.struct({ map: t.text(64), change: t.text(64) }), MAX_NAMED_CHANGES),
  },
  CANDIDATE_UNKNOWN: { name, version, bundle: hash },
  /** Nobody has registered the bundle with the sources and for the engine that the members have approved. */
  CANDIDATE_CHANGED: { name, version, bundle: hash },
  /** Another member's: an upload that is not left alone for long enough, a candidate that may still be activated. */
  NOT_ENTITLED: { member: t.bic },
  CONTRACTS_TOO_MANY: { limit },
  CONTRACT_INACTIVE: { name },
  /** More than all migrations of one height may use. */
  MIGRATION_FUEL_EXCEEDED: { limit, actual: t.uint() },
};

/** How contracts that banks wrote come onto the chain, into force and out of it. */
export const deploymentDeclaration = defineContract({
  name: 'contracts',
  version: 1,
  state: deploymentState,
  events,
  errors,
});

export type DeploymentContext = TxContext<typeof deploymentState, typeof events, typeof errors>;
