import { callOf } from '../../../contracts/api/method.js';
import { assets, cash, governance } from '../../../contracts/index.js';
import type { Call } from '../../../primitives/types.js';
import { PARTIES, type Party } from '../cast.js';
import { by, type Maker, type Scene } from '../scene.js';

/** What the members decide together: locks that go back to their owners, limits that end, pauses. */

const m = governance.methods;

/** Contracts that are paused now and then, each for seconds. */
const PAUSED = ['assets', 'htlc', 'payments', 'queue', 'settlement', 'subscriptions'] as const;

/** Whose locks go back now and then. */
const RETURNING = ['desk', 'htlc', 'netting', 'queue', 'repo', 'settlement', 'subscriptions'];
/** Proposals that are open at once. */
const MOST_OPEN = 6;

const VOTERS = PARTIES.filter(({ role }) => role === 'bank' || role === 'centralBank');

function voter(scene: Scene): Party {
  return scene.one(VOTERS);
}

/** A lock of any contract, which its owner gets back whatever that contract has promised. */
function returnedLock(scene: Scene): Call | undefined {
  const cashLocks = scene.snapshot.cashLocks.filter(({ key }) => RETURNING.includes(key[1]));
  const unitLocks = scene.snapshot.unitLocks.filter(({ key }) => RETURNING.includes(key[1]));
  if (scene.chance(0.5)) {
    const found = scene.random.pick(unitLocks);
    if (found === undefined) return undefined;
    const [instrument, contract, lock] = found.key;
    return callOf(assets.methods.returnLock, { instrument, contract, lock });
  }
  const found = scene.random.pick(cashLocks);
  if (found === undefined) return undefined;
  const [currency, contract, lock] = found.key;
  return callOf(cash.methods.returnLock, { currency, contract, lock });
}

function clearedLimits(scene: Scene): Call | undefined {
  const found = scene.random.pick(scene.snapshot.cashControls.filter(({ value }) => value.limits !== undefined));
  if (found === undefined) return undefined;
  const [currency, account] = found.key;
  return callOf(cash.methods.clearLimits, { currency, account });
}

const openDecisions = (scene: Scene) => scene.snapshot.decisions.filter(({ value }) => value.status === 'open');

const propose: Maker = (scene) => {
  // A few at a time, so that each gets its votes.
  if (openDecisions(scene).length >= MOST_OPEN) return undefined;
  const made = [scene.chance(0.6) ? returnedLock(scene) : clearedLimits(scene)];
  if (scene.chance(0.2)) made.push(returnedLock(scene));
  const calls = made.filter((call) => call !== undefined);
  if (calls.length === 0) return undefined;
  const activateAt = scene.snapshot.height + (scene.chance(0.05) ? 1 : scene.random.integer(15, 40));
  const terms = { calls, activateAt, expiresAt: scene.timestamp + 600_000, description: 'what the members agree on' };
  return by(voter(scene), 'governance.propose', callOf(m.propose, terms));
};

const approve: Maker = (scene) => {
  const found = scene.random.pick(scene.chance(0.95) ? openDecisions(scene) : scene.snapshot.decisions);
  if (found === undefined) return undefined;
  const approved = scene.snapshot.approvals.get(found.key[0]) ?? [];
  const missing = VOTERS.filter(({ member }) => !approved.includes(member));
  const party = missing.length > 0 && scene.chance(0.95) ? scene.one(missing) : voter(scene);
  return by(party, 'governance.approve', callOf(m.approve, { id: found.key[0], hash: found.value.hash }));
};

const cancel: Maker = (scene) => {
  const found = scene.random.pick(scene.snapshot.decisions);
  return found && by(voter(scene), 'governance.cancel', callOf(m.cancel, { id: found.key[0] }));
};

/** Mostly what somebody else wants paused as well, so that enough do. */
const pause: Maker = (scene) => {
  const wanted = scene.random.pick(scene.snapshot.pauseVotes.filter(({ value }) => value > scene.timestamp));
  const scope = wanted !== undefined && scene.chance(0.8) ? wanted.key[0] : scene.one(PAUSED);
  const untilMs = scene.timestamp + scene.random.integer(10_000, 60_000);
  return by(voter(scene), 'governance.pause', callOf(m.pause, { scope, untilMs }));
};

export const governanceMakers: readonly (readonly [number, Maker])[] = [
  [8, propose],
  [30, approve],
  [1, cancel],
  [12, pause],
];
