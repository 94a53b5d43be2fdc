import { ABI_LIMITS } from '../api/abiParse.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { DAY_MS } from '../time/deadline.js';
import { ARTEFACT_BYTES, ARTEFACT_KINDS, CHUNK_BYTES } from './artefacts.js';

/** What the chain keeps of bank contracts: engines, uploads, bundles and sources, candidates, versions. */

/** Chunks of the largest artefact. */
export const MAX_CHUNKS = Math.ceil(Math.max(...Object.values(ARTEFACT_BYTES)) / CHUNK_BYTES);
/** Bytes that a member may have uploaded and not registered yet: three contracts with their sources. */
export const MAX_PENDING_BYTES = 2_097_152;
export const MAX_PENDING_UPLOADS = 16;
/** An upload that nobody has added to for so long may be removed by anybody who may upload. */
export const STALE_UPLOAD_MS = 7 * DAY_MS;

/** Candidates of one member that wait. */
export const MAX_CANDIDATES = 8;
/** Contracts that may be active: a node keeps the programs of all of them in memory. */
export const MAX_CONTRACTS = 64;
/** Engines that may be allowed at once: an old one and its successor, and one to spare. */
export const MAX_ENGINES = 3;
/** Fuel that loading a bundle may take, at its registration: about 100 ms. No call pays for loading. */
export const LOAD_FUEL = 100_000_000;
/** Fuel that all migrations at the end of one block may be given together: about a second. */
export const MAX_MIGRATION_FUEL = 1_000_000_000;
/** Hashing in JavaScript takes about this many nanoseconds a byte. */
export const HASH_FUEL = 40;

export const hash = t.fixedBytes(32);
export const name = t.id;
export const version = t.uint();
export const index = t.uint(MAX_CHUNKS - 1);
export const total = t.uint(MAX_CHUNKS);
export const chunk = t.bytes(CHUNK_BYTES, 1);
export const abiText = t.bytes(ABI_LIMITS.textBytes, 1);
const height = t.uint();

export const engineFields = { version: t.uint(), hash };
const engine = t.struct(engineFields);
const engines = t.list(engine, MAX_ENGINES);

export const uploadFields = { total, received: t.uint(MAX_CHUNKS), sizeBytes: t.uint(), touchedAt: t.uint() };
export const artefactFields = { kind: t.enum(ARTEFACT_KINDS), total, sizeBytes: t.uint() };

export const candidateFields = {
  source: hash,
  engine: hash,
  registeredAt: height,
  /** Fuel that loading the bundle took. */
  loadFuel: t.uint(),
};
export const versionFields = {
  bundle: hash,
  source: hash,
  engine: hash,
  /** The member that registered it. */
  member: t.bic,
  /** The first height at which it is in force. */
  fromHeight: height,
  /** The first height at which it no longer is. */
  untilHeight: t.optional(height),
};
export const contractFields = { active: t.bool, version, bundle: hash, engine: hash };

export const deploymentState = {
  engines: map([], engines, []),
  /** Member, hash → what it has uploaded so far. */
  uploads: map([t.bic, hash], t.struct(uploadFields)),
  uploadedChunks: map([t.bic, hash, index], chunk),
  pending: map([t.bic], t.struct({ uploads: t.uint(), bytes: t.uint() }), { uploads: 0, bytes: 0 }),
  /** Bundles and sources that were registered: their bytes have their hash. `uses` counts candidates and versions. */
  artefacts: map([hash], t.struct({ ...artefactFields, uses: t.uint() })),
  chunks: map([hash, index], chunk),
  /** Bundle → the canonical text of its ABI. */
  abis: map([hash], abiText),
  /** Name, version, bundle, the member that registered it: nobody takes up the place of another. */
  candidates: map([name, version, hash, t.bic], t.struct(candidateFields)),
  /** Member → its candidates that wait. */
  waiting: map([t.bic], t.uint(), 0),
  /** The newest version of each contract that ever was in force; the executor reads it for every call. */
  contracts: map([name], t.struct(contractFields)),
  /** The names of those that are in force: few, however many ever were. */
  active: map([], t.list(name, MAX_CONTRACTS), []),
  versions: map([name, version], t.struct(versionFields)),
  /** What migrations were given at the end of this height. */
  migrationFuel: map([], t.struct({ height, units: t.uint() })),
};

export type EnginePin = Infer<typeof engine>;
export type ContractRecord = Infer<typeof deploymentState.contracts.value>;
