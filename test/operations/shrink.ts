import type { ExecutableContract } from '../../contracts/api/host.js';
import { standardContract } from '../../contracts/index.js';
import { toHex } from '../../primitives/bytes.js';
import { CheckedLedger, type PlayedBlock, type Violation } from './campaign.js';
import { partyOf } from './cast.js';
import { isDescribed, type Order } from './ledger.js';

/** Plays blocks on a new ledger. @returns what does not hold first; nothing where all holds */
export async function replay(
  blocks: readonly PlayedBlock[],
  replaced: readonly ExecutableContract[] = [],
): Promise<readonly string[]> {
  const checked = await CheckedLedger.open(replaced);
  try {
    for (const block of blocks) {
      if (block.orders.length === 0) continue;
      const { faults } = await checked.play(block);
      if (faults.length > 0) return faults;
    }
    return [];
  } finally {
    await checked.ledger.remove();
  }
}

interface Placed {
  readonly timestamp: number;
  readonly order: Order;
}

function blocksOf(orders: readonly Placed[]): readonly PlayedBlock[] {
  const blocks = new Map<number, Order[]>();
  for (const { timestamp, order } of orders) blocks.set(timestamp, [...(blocks.get(timestamp) ?? []), order]);
  return [...blocks].map(([timestamp, list]) => ({ timestamp, orders: list }));
}

/** Drops transactions as long as something still does not hold, or until the time is over. */
export async function shrink({ blocks }: Violation, budgetMs: number): Promise<readonly PlayedBlock[]> {
  const endsAt = performance.now() + budgetMs;
  let left: readonly Placed[] = blocks.flatMap(({ timestamp, orders }) =>
    orders.map((order) => ({ timestamp, order })),
  );
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length && performance.now() < endsAt; ) {
      const without = [...left.slice(0, start), ...left.slice(start + size)];
      if ((await replay(blocksOf(without))).length > 0) left = without;
      else start += size;
    }
  }
  return blocksOf(left);
}

/** Lines that tell what the blocks do. */
export function linesOf(blocks: readonly PlayedBlock[]): readonly string[] {
  return blocks.flatMap(({ timestamp, orders }) => [
    `block at ${new Date(timestamp).toISOString()}`,
    ...orders.flatMap(({ sender, calls }) =>
      calls.map(({ contract, method, args }) => {
        const json = isDescribed(contract)
          ? JSON.stringify(standardContract(contract).codec.decodeArgs(method, args))
          : toHex(args);
        return `  ${partyOf(sender)?.name}: ${contract}.${method} ${json}`;
      }),
    ),
  ]);
}
