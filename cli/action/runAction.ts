import { callOf } from '../../contracts/api/method.js';
import { actions, assets } from '../../contracts/index.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { startProgress } from '../progress.js';
import { finalResult, send, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { isSimulated } from '../simulation.js';
import type { WalletAccount } from '../wallet.js';
import { type ActionState, actionData, moneyOf, readAction } from './actionBook.js';

const m = actions.methods;
/** Pages of 256 holders in one transaction: as much as it may use up of a block. */
const PAGES = 16;
/** Transactions of one command: more holders than any instrument has. */
const MAX_STEPS = 10_000;

interface Work {
  readonly invocation: Invocation;
  readonly session: Session;
  readonly account: WalletAccount;
  readonly id: string;
}

/** Goes on with an action as far as it goes now, one transaction after the other. */
export async function runAction(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const work = { invocation, session, account, id };
  const call = callOf(m.proceed, { id, pages: PAGES });
  if (isSimulated(invocation)) {
    return transact(session, invocation, { account, calls: [call] }, (final) =>
      finalResult(final, `went on with ${id}`),
    );
  }
  const action = await readAction(session, id);
  const progress = startProgress(invocation.host.streams, await accountsOf(session, action), 'holders');
  try {
    return await goOn(work, action, (holders) => progress.update(holders));
  } finally {
    progress.stop();
  }
}

async function goOn(work: Work, before: ActionState, onHolders: (count: number) => void): Promise<CommandResult> {
  const { invocation, session, account, id } = work;
  const calls = [callOf(m.proceed, { id, pages: PAGES })];
  for (let step = 1, action = before; ; step++) {
    const final = await send(session, invocation, { account, calls });
    const stage = action.status;
    action = await readAction(session, id);
    onHolders(action.holders);
    if (isWaiting(stage, action) || step === MAX_STEPS) {
      return finalResult(final, sentenceOf(session, id, action), actionData(session, id, action));
    }
  }
}

/** Whether nothing is to be done at once: what is worked out may have to wait for its payment day, and so is told first. */
function isWaiting(stageBefore: string, { status, details }: ActionState): boolean {
  if (details === undefined || status === 'claiming') return true;
  return status === 'paying' && stageBefore !== 'paying';
}

function sentenceOf(session: Session, id: string, action: ActionState): string {
  const { shown } = moneyOf(session, action);
  const { status, holders, entitled, paid, unclaimed, residual } = action;
  if (status === 'paying') return `${id} is worked out: ${holders} holders are entitled to ${shown(entitled)}`;
  if (status === 'claiming') return `${id} has paid ${shown(paid)}; ${shown(unclaimed)} wait to be claimed`;
  if (status === 'computing' || status === 'ending') return `${id} is ${status}: ${holders} holders so far`;
  if (status === 'paid') return `${id} is paid: ${shown(paid)} to its holders, ${shown(residual)} back to the issuer`;
  return `${id} is ${status}: ${shown(residual)} went back to the issuer`;
}

/** Roughly: those who hold now. */
async function accountsOf({ client }: Session, { instrument }: ActionState): Promise<number> {
  const page = await client.read(assets.methods.holders, { instrument, limit: 1_000 });
  return page.length;
}
