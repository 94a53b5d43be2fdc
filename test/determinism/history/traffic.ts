import type { MemoryTransaction } from '../../../contracts/testing/memoryLedger.js';
import type { Address, DecodedTransaction } from '../../../primitives/types.js';
import { HOSTILE_METHODS } from '../../support/sandbox/hostileContracts.js';
import { SeededNumbers } from '../../support/sandbox/randomPrograms.js';
import { StandardTraffic } from '../../support/sandbox/standardTraffic.js';
import { ACCOUNTS, TODAY } from '../../support/settlementNetwork.js';
import * as c from './contracts.js';
import type { HistoryRecorder, Sent } from './recorder.js';

const BLOCK_TRANSACTIONS = 20;
/** Heights between two rounds of what a central bank does, so that life goes on. */
const HOUSEKEEPING = 5;
/** Methods that use up all the fuel of a transaction are of the chapter before: a block of them takes its time. */
const QUICK = HOSTILE_METHODS.filter(({ code, kind }) => code !== 'OUT_OF_FUEL' && kind !== 'view');
const BANKS: readonly Address[] = [ACCOUNTS.alfa, ACCOUNTS.beta, ACCOUNTS.gamma];

/** Blocks of random traffic: the standard contracts as they live, and calls of the banks' programs among it. */
export async function trafficBlocks(history: HistoryRecorder, blocks: number, seed: number): Promise<void> {
  const traffic = new StandardTraffic(seed);
  const numbers = new SeededNumbers(seed + 1);
  for (let height = 1; height <= history.height; height++) traffic.endOfBlock();
  for (let index = 0; index < blocks; index++) {
    const care = index % HOUSEKEEPING === 0 ? traffic.housekeeping() : [];
    const living = Array.from({ length: BLOCK_TRANSACTIONS }, () => traffic.next());
    const own = Array.from({ length: 1 + numbers.below(8) }, () => bankCall(numbers));
    await history.block([
      ...[...care, ...living].map((transaction) => ofLedger(history, transaction)),
      ...own.map((sent) => history.transaction(sent)),
    ]);
    traffic.endOfBlock();
  }
}

function ofLedger(history: HistoryRecorder, { sender, signers, calls }: MemoryTransaction): DecodedTransaction {
  const from = sender ?? ACCOUNTS.central;
  return history.transaction([from, ...calls] as Sent, signers ?? [from]);
}

function bankCall(numbers: SeededNumbers): Sent {
  const one = <T>(values: readonly T[]): T => values[numbers.below(values.length)] as T;
  const deal = `D-${numbers.below(12)}`;
  const sender = one(BANKS);
  const milestone = numbers.below(4);
  switch (numbers.below(10)) {
    case 0:
    case 1:
    case 2: {
      const amounts = Array.from({ length: 1 + numbers.below(5) }, () => BigInt(numbers.below(900)));
      const [seller, arbiter] = [one(BANKS), one(BANKS)];
      return [sender, c.openDeal({ deal, buyer: sender, seller, arbiter, deadline: TODAY, amounts })];
    }
    case 3:
      return [sender, c.ofMilestone('release', deal, milestone), c.ofMilestone('release', deal, milestone + 1)];
    case 4:
      return [sender, c.ofMilestone(one(['refund', 'release'] as const), deal, milestone)];
    case 5:
      return [sender, c.dispute(deal, sender)];
    case 6:
      return [sender, c.resolve(deal, milestone, BigInt(numbers.below(500)))];
    case 7:
      return [sender, c.deliver(deal, milestone)];
    case 8:
      return [sender, c.plainCall('hostile', 'fine'), c.plainCall('hostile', one(QUICK).name)];
    default:
      return [sender, c.plainCall('outer', 'attack')];
  }
}
