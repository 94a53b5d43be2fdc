import { decodeJournalRecord, emptyRecord, encodeJournalRecord } from '../../consensus/journalRecord.js';
import type { JournalRecord } from '../../consensus/types.js';
import { type JournalOptions, openJournal, replaceJournal, type SigningJournal } from './journal.js';
import { requireKeyUnused } from './keyUseNotice.js';

/** The signing journal as a validator uses it: its records are the protocol's. */

export interface ValidatorJournal {
  readonly journal: SigningJournal;
  readonly record: JournalRecord;
}

/**
 * @returns undefined when the journal cannot be trusted, after `onUntrusted` was told why
 * @throws JournalError `JOURNAL_FOREIGN`, `JOURNAL_WRITE_FAILED`, `KEY_USED_ELSEWHERE`; RlpError, FormatError for a record of another version
 */
export async function openValidatorJournal(
  options: JournalOptions,
  onUntrusted: (reason: Error) => void,
): Promise<ValidatorJournal | undefined> {
  await requireKeyUnused(options.directory, options.disk);
  const opening = await openJournal(options);
  if (opening.state === 'ready') return { journal: opening.journal, record: decodeJournalRecord(opening.payload) };
  onUntrusted(opening.reason);
  return undefined;
}

/** PROTOCOL §Journal J7. A journal that binds to nothing below the height from which it is safe to sign. @throws JournalError */
export async function recoverValidatorJournal(
  options: JournalOptions,
  lowestSafeHeight: number,
): Promise<ValidatorJournal> {
  const record = emptyRecord(lowestSafeHeight);
  return { journal: await replaceJournal(options, encodeJournalRecord(record)), record };
}
