import { journalStatus, releaseValidatorKey } from '../../node/validatorJournalStatus.js';
import { toChecksum } from '../../primitives/address.js';
import { confirm } from '../confirm.js';
import { CliError, usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { formatFields } from '../table.js';
import { openJournalHome } from './journalHome.js';

/** Whether a validator's journal can be trusted, from what this machine alone knows. */
export async function showJournal(invocation: Invocation): Promise<CommandResult> {
  const { home, place } = await openJournalHome(invocation);
  const status = await journalStatus(place);
  const validator = toChecksum(place.address);
  if (status.state === 'usedElsewhere') {
    const fields = formatFields([
      ['validator', validator],
      ['journal', 'its key was used elsewhere'],
      ['notice', status.path],
    ]);
    const next = `find out where else the key is, stop that for good, then: vostro node journal release --home ${home}`;
    return { data: { validator, ...status }, text: `${fields}\n${status.notice}next: ${next}` };
  }
  if (status.state === 'untrusted') {
    const fields = formatFields([
      ['validator', validator],
      ['journal', `not trusted: ${status.reason}`],
      ['code', status.code],
    ]);
    const next =
      'start the node: it asks the others how far the key may have signed, and signs nothing until it is past that';
    return { data: { validator, ...status }, text: `${fields}\nnext: ${next}` };
  }
  const signed = status.signed.map(({ type, round }) => `${type} in round ${round}`);
  const text = formatFields([
    ['validator', validator],
    ['journal', 'trusted, as far as this machine can tell'],
    ['height', `${status.height}, round ${status.round}`],
    ['signed', signed.length === 0 ? 'nothing at this height' : signed.join(', ')],
    ['record', `${status.sequence}`],
  ]);
  return { data: { validator, ...status }, text };
}

/** @throws CliError `NOT_FOUND` where nobody used the key */
export async function releaseNodeKey(invocation: Invocation): Promise<CommandResult> {
  const { home, place } = await openJournalHome(invocation);
  const { options, host } = invocation;
  const status = await journalStatus(place);
  if (status.state !== 'usedElsewhere') {
    throw new CliError('NOT_FOUND', `expected a notice that the key was used elsewhere, found none in ${home}`, {
      hint: 'nothing has to be released: start the node',
    });
  }
  if (!options.flag('yes')) {
    if (host.terminal === undefined) throw usageError('--yes', 'given, where nobody can be asked', 'none');
    const question = 'Is every other machine that has this key stopped, and will none start again?';
    await confirm(host.terminal, `${status.notice}${question}`);
  }
  await releaseValidatorKey(place);
  return {
    data: { validator: toChecksum(place.address), released: true },
    text: `the key is released; its journal is not trusted any more, so that the others are asked\nnext: vostro node start --home ${home}`,
  };
}
