import type { Ablation } from './ablation.js';
import { ACCOUNTS } from './table/accounts.js';
import { ACTIONS } from './table/actions.js';
import { AGREEMENT } from './table/agreement.js';
import { BLOCKS } from './table/blocks.js';
import { BORDER } from './table/border.js';
import { COLLATERAL } from './table/collateral.js';
import { COUNTS } from './table/counts.js';
import { DEPLOYMENT } from './table/deployment.js';
import { GRIDLOCK } from './table/gridlock.js';
import { INSTRUMENTS } from './table/instruments.js';
import { INTERFACES } from './table/interfaces.js';
import { LOCKS } from './table/locks.js';
import { MEMORY } from './table/memory.js';
import { METERING } from './table/metering.js';
import { NETTING } from './table/netting.js';
import { OPERATIONS } from './table/operations.js';
import { PROGRESS } from './table/progress.js';
import { PROOFS } from './table/proofs.js';
import { QUEUE } from './table/queue.js';
import { REDEMPTIONS } from './table/redemptions.js';
import { SETTLEMENT } from './table/settlement.js';
import { SHARES } from './table/shares.js';
import { SIGNING } from './table/signing.js';
import { SUPERVISION } from './table/supervision.js';

/** Every bug that is planted, and what has to see it. */
export const ABLATIONS: readonly Ablation[] = [
  ...AGREEMENT,
  ...PROGRESS,
  ...MEMORY,
  ...SIGNING,
  ...BLOCKS,
  ...SHARES,
  ...DEPLOYMENT,
  ...PROOFS,
  ...BORDER,
  ...INTERFACES,
  ...METERING,
  ...LOCKS,
  ...ACCOUNTS,
  ...GRIDLOCK,
  ...QUEUE,
  ...SETTLEMENT,
  ...INSTRUMENTS,
  ...NETTING,
  ...COLLATERAL,
  ...ACTIONS,
  ...SUPERVISION,
  ...REDEMPTIONS,
  ...OPERATIONS,
  ...COUNTS,
];
