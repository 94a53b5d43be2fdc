import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { orders } from '../../contracts/index.js';
import type { Terms } from '../../contracts/orders/declaration.js';
import { orderTermsHash } from '../../contracts/orders/proposals.js';
import { equalBytes, fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import type { Address, Call } from '../../primitives/types.js';
import { usageError } from '../errors.js';
import { readBytesFile } from '../files.js';
import { requireYes, withYes } from '../governance/consent.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { describeTerms, readOrder, termsOf } from './orderBook.js';

const o = orders.methods;
/** An order of a court with all its annexes. */
const MAX_DOCUMENT_BYTES = 67_108_864;

/** Who orders it, and by which document. */
export function withGrounds(command: Command): Command {
  return command
    .argument('<id>', 'the BIC of the ordering member, a dash, and a name of your own, as CBVODEFF-2026-17')
    .requiredOption('--authority <text>', 'who ordered it, as "Vostria District Court, 12 C 345/26"')
    .requiredOption('--document <file>', 'the document that orders it; its SHA-256 goes onto the chain, nothing else')
    .option(
      '--with <account>',
      'an account of a second person, who signs the same transaction: it is carried out at once',
    );
}

/** What every order says of its ground. @throws CliError `FILE_UNREADABLE` */
export async function groundsOf(invocation: Invocation) {
  const { options } = invocation;
  const bytes = await readBytesFile(options.required('document'), MAX_DOCUMENT_BYTES);
  const document: Hash = Uint8Array.from(createHash('sha256').update(bytes).digest());
  return { id: argument(invocation, 0, 'id'), authority: options.required('authority'), document };
}

/** Sends a proposal and says who has to do what next; with a second person who signs as well it is carried out. */
export async function propose(
  session: Session,
  invocation: Invocation,
  terms: Terms,
  callOf: (second: Address | undefined) => Call,
): Promise<CommandResult> {
  const { accounts, settings } = session;
  const account = await accounts.own(settings.account);
  const wanted = invocation.options.text('with');
  const second = wanted === undefined ? undefined : await accounts.own(wanted);
  const hash = orderTermsHash(terms);
  const { id } = terms;
  const group = terms.kind === 'default' ? 'default' : 'order';
  const next =
    second === undefined
      ? `Nothing is done yet: another person of the same member confirms it within 24 hours, by\n  vostro ${group} confirm ${id}`
      : 'Two persons have signed it: it is carried out.';
  const alsoSigned = second === undefined ? [] : [second];
  const request = { account, calls: [callOf(second?.account)], alsoSigned };
  return transact(session, invocation, request, (final) =>
    finalResult(final, `${describeTerms(session, terms, hash)}\n\n${next}\n`, {
      ...{ id, terms: toHex(hash), isCarriedOut: second !== undefined },
    }),
  );
}

/** `confirm`, of orders and of defaults. */
export function registerConfirm(group: Command, bind: Bind, name: 'order' | 'default'): void {
  const confirm = withYes(group.command('confirm'))
    .description('Carry out what another person of the same member has proposed, within 24 hours of it.')
    .argument('<id>', 'the order')
    .option('--terms <hash>', 'refuse unless this is the hash of its terms, as another channel told it');
  withExamples(
    withJson(withSending(confirm)),
    `vostro ${name} confirm CBVODEFF-2026-17 --account CBVODEFF/checker`,
  ).action(bind(confirmOrder));
}

/** Reads the terms, shows them and asks; what is signed is the hash of what was shown. */
async function confirmOrder(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const { order, hash } = await readOrder(session, id);
  const wanted = invocation.options.text('terms');
  if (wanted !== undefined && !equalBytes(fromHex(wanted), hash)) {
    throw usageError('--terms', wanted, toHex(hash), 'these are not the terms that the other channel told of');
  }
  const account = await session.accounts.own(session.settings.account);
  await requireYes(invocation, describeTerms(session, termsOf(order), hash), 'Carry this out?');
  const calls = [callOf(o.confirm, { id, terms: hash })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `confirmed ${id}, which is carried out`, { id, terms: toHex(hash), kind: order.kind }),
  );
}
