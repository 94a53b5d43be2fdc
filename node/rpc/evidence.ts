import { ApiError } from '../../api/errors.js';
import type { EvidenceJson } from '../../api/evidence.js';
import { API_LIMITS } from '../../api/limits.js';
import type { MethodRef } from '../../contracts/api/method.js';
import { evidence as evidenceContract, membership } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { equalBytes, fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import { decodeEvidence } from '../../primitives/evidence.js';
import type { Address } from '../../primitives/types.js';
import type { KeptEvidence } from '../engine/evidence.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Handlers } from './handler.js';
import type { RpcModules } from './ports.js';

type Modules = Pick<RpcModules, 'executor' | 'evidence'>;
type Recorded = NonNullable<EvidenceJson['recorded']>;

/** What a cursor names: what the chain records comes first, then what this node alone keeps. */
interface Position {
  readonly of: 'chain' | 'kept';
  /** So many were shown of it. */
  readonly count: number;
}

/** Proven faults of validators: those on the chain, and those that this node keeps besides. */
export function evidenceHandlers(modules: Modules): Pick<Handlers, 'evidenceList' | 'evidence'> {
  const shelf = new EvidenceShelf(modules);
  return {
    evidenceList: async ({ cursor, limit = API_LIMITS.pageItems }) => {
      const start = position(cursor);
      const recorded = start.of === 'chain' ? await shelf.recorded(start.count, limit) : [];
      if (start.of === 'chain' && recorded.length === limit) {
        return { evidence: recorded, nextCursor: cursorAt('chain', start.count + limit) };
      }
      const skipped = start.of === 'kept' ? start.count : 0;
      const room = limit - recorded.length;
      const { found, next } = await shelf.unrecorded(skipped, room);
      const page = { evidence: [...recorded, ...found] };
      return next === undefined ? page : { ...page, nextCursor: cursorAt('kept', next) };
    },
    evidence: async ({ id }) => {
      const found = await shelf.find(fromHex(id, 32));
      if (found !== undefined) return found;
      throw new ApiError('EVIDENCE_NOT_FOUND', `expected the id of evidence, found ${id}`, {
        expected: 'evidence that the chain records or this node keeps',
        actual: id,
        hint: 'evidenceList names all of it',
      });
    },
  };
}

class EvidenceShelf {
  constructor(private readonly modules: Modules) {}

  /** What the chain records, after the first `skipped`. */
  async recorded(skipped: number, limit: number): Promise<EvidenceJson[]> {
    const after = skipped === 0 ? {} : { after: skipped - 1 };
    const reports = await this.view(evidenceContract.methods.list, { limit, ...after });
    return Promise.all(
      reports.map(({ position: at, id, proof, reporter, reportedHeight, reportedAt }) =>
        this.describe(id, proof, { position: at, reporter, height: reportedHeight, timestamp: reportedAt }),
      ),
    );
  }

  /** What this node keeps and the chain does not record, from an index of what it keeps on. */
  async unrecorded(from: number, limit: number): Promise<{ found: EvidenceJson[]; next: number | undefined }> {
    const kept = this.modules.evidence();
    const found: EvidenceJson[] = [];
    for (let index = from; index < kept.length; index++) {
      if (found.length === limit) return { found, next: index };
      const entry = kept[index] as KeptEvidence;
      if ((await this.report(entry.id)) === undefined) found.push(await this.describe(entry.id, entry.bytes));
    }
    return { found, next: undefined };
  }

  async find(id: Hash): Promise<EvidenceJson | undefined> {
    const report = await this.report(id);
    if (report !== undefined) {
      const { position: at, proof, reporter, reportedHeight, reportedAt } = report;
      return this.describe(id, proof, { position: at, reporter, height: reportedHeight, timestamp: reportedAt });
    }
    const kept = this.kept(id);
    return kept === undefined ? undefined : this.describe(id, kept.bytes);
  }

  private report(id: Hash) {
    return this.view(evidenceContract.methods.get, { id });
  }

  private kept(id: Hash): KeptEvidence | undefined {
    return this.modules.evidence().find((entry) => equalBytes(entry.id, id));
  }

  private async describe(id: Hash, proof: Uint8Array, recorded?: Recorded): Promise<EvidenceJson> {
    const { kind, validator, second } = decodeEvidence(proof);
    const firstSeenMs = this.kept(id)?.firstSeenMs;
    return {
      id: toHex(id),
      kind,
      vote: second.type,
      height: second.height,
      round: second.round,
      validator: toChecksum(validator),
      ...(await this.owner(validator)),
      proof: toHex(proof),
      ...(firstSeenMs === undefined ? {} : { firstSeenMs }),
      ...(recorded === undefined ? {} : { recorded }),
    };
  }

  private async owner(key: Address): Promise<{ readonly member: string; readonly name: string }> {
    const record = await this.view(membership.methods.key, { key });
    if (record === undefined) return { member: '', name: '' };
    const member = await this.view(membership.methods.member, { member: record.member });
    return { member: record.member, name: member?.name ?? '' };
  }

  private async view<A, T>({ contract, method, args, returns }: MethodRef<A, T, 'view'>, values: A): Promise<T> {
    const answer = await this.modules.executor.view(contract, method, args.encode(values));
    return (returns as NonNullable<typeof returns>).decode(answer);
  }
}

function cursorAt(of: Position['of'], count: number): string {
  return encodeCursor('evidenceList', `${of}.${count}`);
}

/** @throws ApiError `CURSOR_INVALID` */
function position(cursor: string | undefined): Position {
  const text = decodeCursor('evidenceList', cursor);
  if (text === undefined) return { of: 'chain', count: 0 };
  const [, of, count] = /^(chain|kept)\.(\d{1,9})$/.exec(text) ?? [];
  if (of === undefined) throw new ApiError('CURSOR_INVALID', 'the cursor holds no position of evidenceList', {});
  return { of: of === 'chain' ? 'chain' : 'kept', count: Number(count) };
}
