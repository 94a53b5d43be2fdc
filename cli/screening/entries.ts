import { createHash } from 'node:crypto';
import { callOf } from '../../contracts/api/method.js';
import { screening } from '../../contracts/index.js';
import { KINDS, REASONS } from '../../contracts/screening/declaration.js';
import type { Hex } from '../../primitives/bytes.js';
import type { Call } from '../../primitives/types.js';
import { CliError, usageError } from '../errors.js';
import { readBytesFile } from '../files.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { timeOf } from '../htlc/htlcBook.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { finalResult, transact } from '../sending.js';
import { openSession } from '../session.js';
import { formatTable } from '../table.js';
import { hashesOf } from './identifierHash.js';

const s = screening.methods;
const MAX_DOCUMENT_BYTES = 67_108_864;

async function hashOf(invocation: Invocation): Promise<Hex> {
  const [hash] = await hashesOf([argument(invocation, 0, 'identifier')], invocation.options);
  if (hash === undefined) throw usageError('identifier', 'a value', 'none');
  return hash;
}

async function documentOf({ options }: Invocation): Promise<Uint8Array> {
  const bytes = await readBytesFile(options.required('document'), MAX_DOCUMENT_BYTES);
  return Uint8Array.from(createHash('sha256').update(bytes).digest());
}

function oneOf<T extends string>(names: readonly T[], text: string, what: string): T {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw usageError(what, `one of ${names.join(', ')}`, `"${text.slice(0, 40)}"`);
}

async function sendEntry(invocation: Invocation, call: Call, sentence: string, data: object): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [call] }, (final) => finalResult(final, sentence, data));
}

/** The hash of an identifier, offline. */
export async function showHash(invocation: Invocation): Promise<CommandResult> {
  const hash = await hashOf(invocation);
  return { data: { hash }, text: hash };
}

export async function listIdentifier(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const [duration, time] = [options.text('for'), options.text('until')];
  if ((duration === undefined) === (time === undefined))
    throw usageError('--for and --until', 'one of them', 'none or both');
  const expiresAt =
    duration === undefined ? parseTime(time ?? '', '--until') : host.nowMs() + parseDuration(duration, '--for');
  const hash = await hashOf(invocation);
  const kind = oneOf(KINDS, options.required('kind'), '--kind');
  const reason = oneOf(REASONS, options.required('reason'), '--reason');
  const call = callOf(s.list, { hash, kind, reason, expiresAt });
  const sentence = `listed ${hash} until ${timeOf(expiresAt)}: ${kind}, ${reason}`;
  return sendEntry(invocation, call, sentence, { hash, kind, reason, expiresAt: timeOf(expiresAt) });
}

export async function liftEntry(invocation: Invocation): Promise<CommandResult> {
  const hash = await hashOf(invocation);
  return sendEntry(invocation, callOf(s.lift, { hash }), `lifted ${hash}`, { hash });
}

export async function appealEntry(invocation: Invocation): Promise<CommandResult> {
  const hash = await hashOf(invocation);
  const member = invocation.options.required('member');
  const call = callOf(s.appeal, { hash, member, document: await documentOf(invocation) });
  return sendEntry(invocation, call, `appealed against what ${member} lists: another decides`, { hash, member });
}

export async function decideAppeal(invocation: Invocation, isGranted: boolean): Promise<CommandResult> {
  const hash = await hashOf(invocation);
  const member = invocation.options.required('member');
  const call = callOf(s.decide, { hash, member, isGranted, document: await documentOf(invocation) });
  const sentence = isGranted ? `granted: what ${member} listed is lifted` : `refused: what ${member} lists stands`;
  return sendEntry(invocation, call, sentence, { hash, member, isGranted });
}

/** Whether identifiers are listed now. @throws CliError `NOT_WELL` where one is, so that scripts can stop */
export async function checkIdentifiers(invocation: Invocation): Promise<CommandResult> {
  const identifiers = invocation.args.flatMap((text) => text ?? []);
  if (identifiers.length === 0) throw usageError('identifiers', 'at least one', 'none');
  const hashes = await hashesOf(identifiers, invocation.options);
  const session = await openSession(invocation);
  const found = await session.client.read(s.check, { hashes });
  const rows = found.map(({ hash, member, kind, reason, expiresAt }) => [
    hash,
    member,
    kind,
    reason,
    timeOf(expiresAt),
  ]);
  const columns = [
    { title: 'HASH' },
    { title: 'LISTED BY' },
    { title: 'KIND' },
    { title: 'REASON' },
    { title: 'UNTIL' },
  ];
  const [first] = found;
  return {
    data: {
      asked: hashes,
      listed: found.map((each) => ({ ...each, listedAt: timeOf(each.listedAt), expiresAt: timeOf(each.expiresAt) })),
    },
    text: rows.length === 0 ? `none of ${hashes.length} is listed` : formatTable(columns, rows),
    errors:
      first === undefined
        ? []
        : [
            new CliError('NOT_WELL', `${found.length} of ${hashes.length} identifiers are listed`, {
              actual: first.hash,
            }),
          ],
  };
}

/** What a member lists. */
export async function listEntries(invocation: Invocation): Promise<CommandResult> {
  const member = argument(invocation, 0, 'bic');
  const session = await openSession(invocation);
  type Row = Awaited<ReturnType<typeof page>>[number];
  const page = (last: Entry | undefined) =>
    session.client.read(s.entriesOf, {
      ...{ member, limit: PAGE_ITEMS },
      after: last === undefined ? undefined : { expiresAt: last.expiresAt, hash: last.hash },
    });
  const found: readonly Row[] = await collectPages<Row>(page);
  const rows = found.map(({ hash, kind, reason, expiresAt, appeal, refused }) => [
    ...[hash, kind, reason, timeOf(expiresAt)],
    appeal === undefined ? (refused === 'no' ? '' : `refused ${refused}`) : `appeal of ${appeal.by}`,
  ]);
  const columns = [{ title: 'HASH' }, { title: 'KIND' }, { title: 'REASON' }, { title: 'UNTIL' }, { title: 'APPEAL' }];
  const data = found.map(({ hash, kind, reason, listedAt, expiresAt, appeal, refused }) => ({
    ...{ hash, kind, reason, listedAt: timeOf(listedAt), expiresAt: timeOf(expiresAt), refused },
    appealedBy: appeal?.by ?? null,
  }));
  return {
    data: { member, entries: data },
    text: rows.length === 0 ? `${member} lists nothing` : formatTable(columns, rows),
  };
}

interface Entry {
  readonly hash: Hex;
  readonly expiresAt: number;
}
