import { decodeJournalRecord } from '../consensus/journalRecord.js';
import type { Hash } from '../primitives/bytes.js';
import type { Address } from '../primitives/types.js';
import { inspectJournal } from './engine/journal.js';
import { keyUseNoticePath, readKeyUseNotice, releaseKey } from './engine/keyUseNotice.js';

/** Whose journal, and where. */
export interface JournalPlace {
  readonly directory: string;
  readonly genesisHash: Hash;
  readonly address: Address;
}

/** What an operator sees of a validator's signing journal while the node does not run. */
export type JournalStatus =
  | { readonly state: 'usedElsewhere'; readonly notice: string; readonly path: string }
  | { readonly state: 'untrusted'; readonly code: string; readonly reason: string }
  | {
      readonly state: 'trusted';
      readonly sequence: number;
      readonly height: number;
      readonly round: number;
      readonly signed: readonly { readonly type: string; readonly round: number }[];
    };

/** Reads and changes nothing. @throws JournalError `JOURNAL_FOREIGN` */
export async function journalStatus(place: JournalPlace): Promise<JournalStatus> {
  const notice = await readKeyUseNotice(place.directory);
  if (notice !== undefined) return { state: 'usedElsewhere', notice, path: keyUseNoticePath(place.directory) };
  const inspection = await inspectJournal(place);
  if (inspection.state === 'untrusted') {
    const { code, message } = inspection.reason;
    return { state: 'untrusted', code, reason: message };
  }
  const { sequence, payload } = inspection.entry;
  const { height, round, sent } = decodeJournalRecord(payload);
  const votes = Object.values(sent).flatMap((vote) => (vote === undefined ? [] : [vote]));
  return {
    state: 'trusted',
    sequence,
    height,
    round,
    signed: votes.map(({ type, round: at }) => ({ type, round: at })),
  };
}

/** Takes the notice of a key that was used elsewhere away: the journal counts as lost from then on. */
export function releaseValidatorKey({ directory }: JournalPlace): Promise<void> {
  return releaseKey(directory);
}
