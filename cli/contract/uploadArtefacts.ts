import { callOf } from '../../contracts/api/method.js';
import { chunksOf } from '../../contracts/deployment/artefacts.js';
import { deployment } from '../../contracts/index.js';
import type { Invocation } from '../invocation.js';
import { send } from '../sending.js';
import type { Session } from '../session.js';
import type { WalletAccount } from '../wallet.js';
import type { Artefact } from './registry.js';

/** Chunks in one transaction: about 200 KB. */
const CHUNKS_PER_TRANSACTION = 4;

/** A transaction's worth of chunks that the chain lacks. */
export interface UploadStep {
  readonly artefact: Artefact;
  readonly total: number;
  readonly indices: readonly number[];
}

/** What is still to be uploaded: nothing of an artefact that the chain keeps, no chunk that it has. */
export async function uploadSteps(
  { client }: Session,
  member: string,
  artefacts: readonly Artefact[],
): Promise<readonly UploadStep[]> {
  const steps: UploadStep[] = [];
  for (const artefact of artefacts) {
    const { hash, kind, bytes } = artefact;
    const stored = await client.read(deployment.methods.artefact, { hash });
    if (stored?.kind === kind) continue;
    const total = chunksOf(bytes).length;
    const missing = await client.read(deployment.methods.missing, { member, hash, total });
    for (let start = 0; start < missing.length; start += CHUNKS_PER_TRANSACTION) {
      steps.push({ artefact, total, indices: missing.slice(start, start + CHUNKS_PER_TRANSACTION) });
    }
  }
  return steps;
}

/** Uploads what is missing, step by step. @returns the fuel that it took */
export async function upload(
  session: Session,
  invocation: Invocation,
  account: WalletAccount,
  steps: readonly UploadStep[],
): Promise<number> {
  let fuel = 0;
  for (const [index, { artefact, total, indices }] of steps.entries()) {
    const { hash, kind, bytes } = artefact;
    invocation.output.note(`uploading ${kind}, ${index + 1} of ${steps.length} transactions`);
    const chunks = chunksOf(bytes);
    const calls = indices.map((at) =>
      callOf(deployment.methods.upload, { hash, index: at, total, data: chunks[at] ?? new Uint8Array() }),
    );
    fuel += (await send(session, invocation, { account, calls })).receipt.fuelUsed;
  }
  return fuel;
}
