import { t } from '../api/t.js';
import { pausesMethod } from '../governance/pausesMethod.js';
import { deploymentDeclaration as contract } from './declaration.js';
import { abiInForceMethod, isActiveMethod } from './methodsForGovernance.js';
import {
  abiText,
  artefactFields,
  candidateFields,
  chunk,
  contractFields,
  engineFields,
  hash,
  index,
  MAX_CHUNKS,
  MAX_ENGINES,
  MAX_PENDING_UPLOADS,
  name,
  total,
  uploadFields,
  version,
  versionFields,
} from './records.js';

const PAGE = 100;
const limit = t.uint(PAGE);

/** What anybody may ask. */
export const deploymentViews = {
  engines: contract.view({ args: {}, returns: t.list(t.struct(engineFields), MAX_ENGINES) }, (ctx) =>
    ctx.state.engines.get(),
  ),

  /** The newest version of every contract that ever was in force, in the order of their names. */
  list: contract.view(
    { args: { limit, after: t.optional(name) }, returns: t.list(t.struct({ name, ...contractFields }), PAGE) },
    (ctx, a) =>
      ctx.state.contracts
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ name: key[0], ...value })),
  ),

  /** The newest version of one contract, and until when it is paused. */
  status: contract.view(
    {
      args: { name },
      returns: t.optional(t.struct({ ...contractFields, ...versionFields, pausedUntilMs: t.optional(t.uint()) })),
    },
    (ctx, a) => {
      const record = ctx.state.contracts.find(a.name);
      if (record === undefined) return undefined;
      const scopes = ctx.view(pausesMethod, {}).filter(({ scope }) => scope === a.name || scope === 'all');
      const pausedUntilMs = scopes.length === 0 ? undefined : Math.max(...scopes.map(({ untilMs }) => untilMs));
      return { ...record, ...ctx.state.versions.get(a.name, record.version), pausedUntilMs };
    },
  ),

  versions: contract.view(
    {
      args: { name, limit, after: t.optional(version) },
      returns: t.list(t.struct({ version, ...versionFields }), PAGE),
    },
    (ctx, a) =>
      ctx.state.versions
        .entriesUnder([a.name], a.limit, a.after === undefined ? undefined : [a.name, a.after])
        .map(({ key, value }) => ({ version: key[1], ...value })),
  ),

  /** What was registered and is not in force, of one contract, the oldest version first. */
  candidates: contract.view(
    {
      args: { name, limit, after: t.optional(t.struct({ version, bundle: hash, member: t.bic })) },
      returns: t.list(t.struct({ version, bundle: hash, member: t.bic, ...candidateFields }), PAGE),
    },
    (ctx, a) =>
      ctx.state.candidates
        .entriesUnder([a.name], a.limit, a.after && [a.name, a.after.version, a.after.bundle, a.after.member])
        .map(({ key, value }) => ({ version: key[1], bundle: key[2], member: key[3], ...value })),
  ),

  /** The ABI of a bundle that was registered, as the bytes of its canonical text. */
  abi: contract.view({ args: { bundle: hash }, returns: t.optional(abiText) }, (ctx, a) =>
    ctx.state.abis.find(a.bundle),
  ),

  abiInForce: contract.view({ args: abiInForceMethod.args.fields, returns: abiInForceMethod.returns }, (ctx, a) => {
    const record = ctx.state.contracts.find(a.name);
    return record?.active === true ? ctx.state.abis.find(record.bundle) : undefined;
  }),

  /** A bundle or a source archive that was registered: its size, and in how many chunks it is read. */
  artefact: contract.view({ args: { hash }, returns: t.optional(t.struct(artefactFields)) }, (ctx, a) => {
    const found = ctx.state.artefacts.find(a.hash);
    return found === undefined ? undefined : { kind: found.kind, total: found.total, sizeBytes: found.sizeBytes };
  }),

  chunk: contract.view({ args: { hash, index }, returns: t.optional(chunk) }, (ctx, a) =>
    ctx.state.chunks.find(a.hash, a.index),
  ),

  /** What a member has uploaded and not registered. */
  uploads: contract.view(
    { args: { member: t.bic }, returns: t.list(t.struct({ hash, ...uploadFields }), MAX_PENDING_UPLOADS) },
    (ctx, a) =>
      ctx.state.uploads
        .entriesUnder([a.member], MAX_PENDING_UPLOADS)
        .map(({ key, value }) => ({ hash: key[1], ...value })),
  ),

  /** Chunks of an upload that are still missing. */
  missing: contract.view({ args: { member: t.bic, hash, total }, returns: t.list(index, MAX_CHUNKS) }, (ctx, a) => {
    const there = new Set(
      ctx.state.uploadedChunks.entriesUnder([a.member, a.hash], MAX_CHUNKS).map(({ key }) => key[2]),
    );
    return Array.from({ length: a.total }, (_, position) => position).filter((position) => !there.has(position));
  }),

  isActive: contract.view({ args: isActiveMethod.args.fields, returns: isActiveMethod.returns }, (ctx, a) => {
    return ctx.state.contracts.find(a.name)?.active === true;
  }),
};
