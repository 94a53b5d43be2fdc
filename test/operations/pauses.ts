import { addressOf, type Bookkeeper, eventsOf } from './events.js';
import type { Executed } from './ledger.js';

/** What the members have paused, by the governance's events: nothing but their own decisions comes about by a contract that is paused. */
export class PauseBook implements Bookkeeper {
  /** Contract → until when. */
  readonly #paused = new Map<string, number>();
  readonly #faults: string[] = [];

  note({ order, receipt }: Executed, timestamp: number): void {
    for (const { name, data } of eventsOf(receipt)) {
      const [contract = ''] = name.split('.');
      const until = this.#paused.get(contract) ?? 0;
      const isDecided = order.signers.length === 0;
      if (timestamp < until && !isDecided) {
        this.#faults.push(`${name} of ${addressOf(order.sender)} at ${timestamp}, paused until ${until}`);
      }
      if (name === 'governance.Paused') this.#paused.set(String(data['scope']), Number(data['untilMs']));
      if (name === 'governance.PauseLifted') this.#paused.delete(String(data['scope']));
    }
  }

  differences(): readonly string[] {
    return this.#faults.splice(0);
  }
}
