import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { cash } from '../cash/cash.js';
import type { QueueView } from './declaration.js';

export type CashPosition = Infer<NonNullable<typeof cash.methods.position.returns>>;

/** Where the money of one currency stands. Each account is asked for once: between two questions no money may move. */
export class Positions {
  readonly #known = new Map<Address, CashPosition>();

  constructor(
    private readonly ctx: QueueView,
    private readonly currency: string,
  ) {}

  of(account: Address): CashPosition {
    const known = this.#known.get(account);
    if (known !== undefined) return known;
    const position = this.ctx.view(cash.methods.position, { currency: this.currency, account });
    this.#known.set(account, position);
    return position;
  }
}
