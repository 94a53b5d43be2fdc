import { concatBytes, equalBytes, type Hash } from '../../primitives/bytes.js';
import { ARTEFACT_BYTES, type ArtefactKind, artefactHash, CHUNK_BYTES, chunksOf } from './artefacts.js';
import type { DeploymentContext } from './declaration.js';
import { HASH_FUEL, MAX_PENDING_BYTES, MAX_PENDING_UPLOADS, STALE_UPLOAD_MS } from './records.js';

/** A chunk of an upload. */
interface Chunk {
  readonly hash: Hash;
  readonly index: number;
  readonly total: number;
  readonly data: Uint8Array;
}

/** The member that the sender speaks for. */
export function memberOf(ctx: DeploymentContext): string {
  return ctx.requireAccount(ctx.sender).member;
}

/**
 * PROTOCOL §Deployment T2. Takes one chunk of a member's upload; the same chunk again replaces it. Nobody can spoil another's
 * upload: each member has its own, and the bytes are looked at when they are registered.
 */
export function upload(ctx: DeploymentContext, { hash, index, total, data }: Chunk): void {
  const isLast = index === total - 1;
  const isChunk = index < total && (isLast || data.length === CHUNK_BYTES);
  ctx.require(isChunk, 'CHUNK_INVALID', { index, total });
  const member = memberOf(ctx);
  const known = ctx.state.uploads.find(member, hash);
  ctx.require(known === undefined || known.total === total, 'UPLOAD_MISMATCH', { total: known?.total ?? total });
  const before = ctx.state.uploadedChunks.find(member, hash, index);
  const pending = ctx.state.pending.get(member);
  const uploads = pending.uploads + (known === undefined ? 1 : 0);
  const growth = data.length - (before?.length ?? 0);
  const bytes = pending.bytes + growth;
  ctx.require(uploads <= MAX_PENDING_UPLOADS, 'UPLOADS_TOO_MANY', { limit: MAX_PENDING_UPLOADS });
  ctx.require(bytes <= MAX_PENDING_BYTES, 'PENDING_TOO_LARGE', { limit: MAX_PENDING_BYTES });
  const received = (known?.received ?? 0) + (before === undefined ? 1 : 0);
  const sizeBytes = (known?.sizeBytes ?? 0) + growth;
  ctx.state.uploadedChunks.set(member, hash, index, data);
  ctx.state.uploads.set(member, hash, { total, received, sizeBytes, touchedAt: ctx.timestamp });
  ctx.state.pending.set(member, { uploads, bytes });
  if (before === undefined && received === total) ctx.emit('Uploaded', { member, hash, sizeBytes });
}

/** Removes an upload: its own member's, or one that its member has left alone. */
export function removeUpload(ctx: DeploymentContext, member: string, hash: Hash): void {
  const { touchedAt } = ctx.state.uploads.find(member, hash) ?? ctx.fail('UPLOAD_UNKNOWN', { member, hash });
  const isStale = ctx.timestamp >= touchedAt + STALE_UPLOAD_MS;
  ctx.require(isStale || memberOf(ctx) === member, 'NOT_ENTITLED', { member });
  forgetUpload(ctx, member, hash);
  ctx.emit('UploadRemoved', { member, hash });
}

function forgetUpload(ctx: DeploymentContext, member: string, hash: Hash): void {
  const { total, sizeBytes } = ctx.state.uploads.get(member, hash);
  for (let index = 0; index < total; index++) ctx.state.uploadedChunks.delete(member, hash, index);
  ctx.state.uploads.delete(member, hash);
  const { uploads, bytes } = ctx.state.pending.get(member);
  if (uploads === 1) ctx.state.pending.delete(member);
  else ctx.state.pending.set(member, { uploads: uploads - 1, bytes: bytes - sizeBytes });
}

/**
 * PROTOCOL §Deployment T3. The bytes of an artefact, one use more of them counted: those that the chain has already, or the
 * member's upload once they have the hash that they were uploaded under.
 */
export function takeArtefact(ctx: DeploymentContext, kind: ArtefactKind, member: string, hash: Hash): Uint8Array {
  const stored = ctx.state.artefacts.find(hash);
  if (stored?.kind === kind) {
    ctx.state.artefacts.set(hash, { ...stored, uses: stored.uses + 1 });
    return storedBytes(ctx, hash, stored.total);
  }
  const bytes = uploadedBytes(ctx, kind, member, hash);
  ctx.useFuel(HASH_FUEL * bytes.length);
  const actual = artefactHash(kind, bytes);
  ctx.require(equalBytes(actual, hash), 'HASH_MISMATCH', { kind, expected: hash, actual });
  forgetUpload(ctx, member, hash);
  const chunks = chunksOf(bytes);
  for (const [index, data] of chunks.entries()) ctx.state.chunks.set(hash, index, data);
  ctx.state.artefacts.set(hash, { kind, total: chunks.length, sizeBytes: bytes.length, uses: 1 });
  return bytes;
}

function uploadedBytes(ctx: DeploymentContext, kind: ArtefactKind, member: string, hash: Hash): Uint8Array {
  const { total, sizeBytes } = ctx.state.uploads.find(member, hash) ?? ctx.fail('UPLOAD_UNKNOWN', { member, hash });
  const limit = ARTEFACT_BYTES[kind];
  ctx.require(sizeBytes <= limit, 'SIZE_EXCEEDED', { kind, limit, actual: sizeBytes });
  const chunks: Uint8Array[] = [];
  for (let index = 0; index < total; index++) {
    const data = ctx.state.uploadedChunks.find(member, hash, index);
    chunks.push(data ?? ctx.fail('UPLOAD_INCOMPLETE', { hash, index }));
  }
  return concatBytes(...chunks);
}

function storedBytes(ctx: DeploymentContext, hash: Hash, total: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let index = 0; index < total; index++) chunks.push(ctx.state.chunks.get(hash, index));
  return concatBytes(...chunks);
}

/** One use less; what nothing uses is removed, a bundle with its ABI. */
export function releaseArtefact(ctx: DeploymentContext, hash: Hash): void {
  const stored = ctx.state.artefacts.get(hash);
  if (stored.uses > 1) {
    ctx.state.artefacts.set(hash, { ...stored, uses: stored.uses - 1 });
    return;
  }
  for (let index = 0; index < stored.total; index++) ctx.state.chunks.delete(hash, index);
  ctx.state.artefacts.delete(hash);
  if (stored.kind === 'bundle') ctx.state.abis.delete(hash);
}
