import { callOf } from '../../contracts/api/method.js';
import { assets } from '../../contracts/assets/assets.js';
import type { Instrument } from '../../contracts/assets/declaration.js';
import type { Call } from '../../primitives/types.js';
import { CliError } from '../errors.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';

/** An instrument as it stands. @throws CliError `NOT_FOUND` */
export async function readInstrument({ client }: Session, instrument: string): Promise<Instrument> {
  const found = await client.read(assets.methods.instrument, { instrument });
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected an instrument of this network, found none called "${instrument}"`, {
    expected: 'an instrument',
    actual: instrument,
    hint: '`vostro asset show` lists them',
  });
}

/** Sends one call about an instrument, which the command's first argument names, and says what was done. */
export async function changeInstrument(
  invocation: Invocation,
  call: (instrument: string) => Call,
  sentence: (instrument: string) => string,
  data: object = {},
): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [call(instrument)] }, (final) =>
    finalResult(final, sentence(instrument), { instrument, ...data }),
  );
}

/** Stops transfers of an instrument, or lets them go on. */
export function setPaused(invocation: Invocation, paused: boolean): Promise<CommandResult> {
  const method = paused ? assets.methods.pause : assets.methods.resume;
  return changeInstrument(
    invocation,
    (instrument) => callOf(method, { instrument }),
    (instrument) => `${instrument} is ${paused ? 'paused' : 'open'}`,
    { paused },
  );
}
