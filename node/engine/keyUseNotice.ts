import { join } from 'node:path';
import type { VotePayload } from '../../consensus/ownVotes.js';
import { toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import { type Disk, systemDisk } from '../storage/disk.js';
import { writeFileDurably } from '../storage/durableFiles.js';
import type { EngineModules } from './engineOptions.js';
import { JournalError } from './errors.js';
import { journalMarkerPath } from './journal.js';

/**
 * A file beside the journal that says that somebody else used the key. While it is there, the node does not start: a
 * service manager that starts it again must not make it sign against its twin.
 */

const NOTICE_FILE = 'key-used-elsewhere.json';
const RELEASED_FILE = 'key-used-elsewhere.released.json';

export interface KeyUseNotice {
  readonly validator: Address;
  readonly seenAtMs: TimestampMs;
  readonly vote: VotePayload;
  /** Height of the newest record of this node's own journal. */
  readonly journalHeight: number;
}

export function keyUseNoticePath(directory: string): string {
  return join(directory, NOTICE_FILE);
}

/** Written before the node ends. */
export async function writeKeyUseNotice(directory: string, notice: KeyUseNotice, disk: Disk): Promise<void> {
  const { validator, seenAtMs, vote, journalHeight } = notice;
  const { type, height, round } = vote;
  const signed = vote.type === 'roundChange' ? (vote.preparedHash ?? new Uint8Array()) : vote.blockHash;
  const text = {
    note: 'the key of this validator signed a vote that this node did not give: find out where, then `vostro node journal release`',
    validator,
    seenAt: new Date(seenAtMs).toISOString(),
    vote: { type, height, round, hash: toHex(signed) },
    journalHeight,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(text, undefined, 2)}\n`);
  await writeFileDurably(keyUseNoticePath(directory), bytes, disk);
}

/** The notice as it stands there, or undefined. */
export async function readKeyUseNotice(directory: string, disk: Disk = systemDisk): Promise<string | undefined> {
  const bytes = await disk.read(keyUseNoticePath(directory));
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** @throws JournalError `KEY_USED_ELSEWHERE` where the key may be in use on another machine */
export async function requireKeyUnused(directory: string, disk: Disk = systemDisk): Promise<void> {
  const notice = await readKeyUseNotice(directory, disk);
  if (notice === undefined) return;
  throw keyUsedElsewhere(summary(notice), keyUseNoticePath(directory));
}

/**
 * The operator has made sure that nobody else has the key: the node may start again, and asks the others how far the key
 * signed, because its journal does not know.
 */
export async function releaseKey(directory: string, disk: Disk = systemDisk): Promise<void> {
  await disk.remove(journalMarkerPath(directory));
  await disk.rename(keyUseNoticePath(directory), join(directory, RELEASED_FILE));
}

export function keyUsedElsewhere(actual: string, path: string): JournalError {
  return new JournalError('KEY_USED_ELSEWHERE', `the validator's key signed what this node did not sign: ${actual}`, {
    expected: 'votes of this node only',
    actual,
    path,
    hint: 'stop every other machine that has this key, or this one for good; then `vostro node journal release`',
  });
}

export function describeVote({ type, height, round }: VotePayload): string {
  return `${type} for height ${height}, round ${round}`;
}

function summary(notice: string): string {
  try {
    const parsed = JSON.parse(notice) as { readonly vote?: VotePayload };
    return parsed.vote === undefined ? 'unreadable' : describeVote(parsed.vote);
  } catch (error) {
    if (error instanceof SyntaxError || isCodedError(error)) return 'unreadable';
    throw error;
  }
}

/** Leaves the notice and ends the node, which has stopped working already. */
export async function endWithNotice(
  directory: string,
  notice: KeyUseNotice,
  { disk, logger, onFatal }: Pick<EngineModules, 'disk' | 'logger' | 'onFatal'>,
): Promise<void> {
  const vote = describeVote(notice.vote);
  const { journalHeight } = notice;
  logger.error(
    { event: 'engine.key_used_elsewhere', vote, journalHeight },
    'the key of this validator is in use on another machine, or its journal is an old one: it signs nothing more',
  );
  try {
    await writeKeyUseNotice(directory, notice, disk);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error(
      { event: 'engine.notice_failed', reason },
      'the notice of a key that is used elsewhere was not written',
    );
  }
  onFatal(keyUsedElsewhere(vote, keyUseNoticePath(directory)));
}
