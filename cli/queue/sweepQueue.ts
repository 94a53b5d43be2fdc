import { callOf } from '../../contracts/api/method.js';
import type { Infer } from '../../contracts/api/schema.js';
import { queue } from '../../contracts/index.js';
import { QUEUE_LIMITS } from '../../contracts/queue/records.js';
import { invariant } from '../../primitives/errors.js';
import { usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { send } from '../sending.js';
import { openSession } from '../session.js';
import { isSimulated } from '../simulation.js';
import { currencyOf } from '../values.js';

/** More than a full queue and what left it on a day of it take. */
const MAX_SWEEPS = 1_000;

type SweepResult = Infer<NonNullable<typeof queue.methods.sweep.returns>>;

/** Sweeps stretch by stretch, from the head of the queue to its end. */
export async function sweepQueue(invocation: Invocation): Promise<CommandResult> {
  if (isSimulated(invocation)) throw usageError('--simulate', 'a command of one transaction', '`vostro queue sweep`');
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const limit = QUEUE_LIMITS.rows;
  let [dropped, forgotten] = [0, 0];
  let after: SweepResult['next'];
  for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps++) {
    const call = callOf(queue.methods.sweep, { currency, limit, after });
    const [bytes] = (await send(session, invocation, { account, calls: [call] })).receipt.results;
    invariant(bytes !== undefined && queue.methods.sweep.returns !== undefined, 'a sweep has a result');
    const result = queue.methods.sweep.returns.decode(bytes);
    dropped += result.dropped;
    forgotten += result.forgotten;
    after = result.next;
    if (after === undefined && result.forgotten < limit) break;
  }
  const text = `dropped ${dropped} payments from the ${currency} queue, forgot ${forgotten}`;
  return { data: { currency, dropped, forgotten }, text };
}
