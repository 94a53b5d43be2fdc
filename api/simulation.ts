import { LIMITS } from '../primitives/limits.js';
import { API_LIMITS } from './limits.js';
import { type Infer, s } from './shape.js';
import { outcome, runFields } from './values.js';

const name = s.text(LIMITS.nameBytes);
const amount = s.text(39);

/** What a transaction would do, alone in the next block. A node's word. */
export const simulation = s.record({
  id: s.hash,
  /** Of the block that it was tried in. */
  height: s.integer(0),
  timestamp: s.integer(0),
  /** Whether a block there may include it, and if not, which rule it breaks: what it does all the same stands below. */
  inclusion: s.record({ includable: s.boolean, code: name, message: s.text(4_096) }),
  receipt: s.record(runFields),
  /** What a transaction may use. */
  maxFuel: s.integer(0),
  /** Of a batch's payments, in their order; the first 1,000. */
  outcomes: s.list(outcome, API_LIMITS.outcomesPerPage),
  /** Every entry of the state that it would change, as many as one answer holds. */
  changes: s.list(
    s.record({
      contract: name,
      /** Null where no ABI describes the entry: its key and values are bytes in hexadecimal then. */
      map: s.nullable(name),
      key: s.list(s.json, 64),
      /** Null where there is none. */
      before: s.json,
      after: s.json,
    }),
    API_LIMITS.simulatedChanges,
  ),
  changeCount: s.integer(0),
  /** What accounts would hold, of the changes above. */
  balances: s.list(
    s.record({
      /** `locked` is cash that contracts hold for the account, beside its cash; `lockedInstrument` is a part of its instrument. */
      kind: s.oneOf(['cash', 'locked', 'instrument', 'lockedInstrument']),
      account: s.address,
      /** Currency, or id of the instrument. */
      asset: name,
      /** In minor units of a currency, in units of an instrument. */
      before: amount,
      after: amount,
    }),
    API_LIMITS.simulatedChanges,
  ),
});

export type SimulationJson = Infer<typeof simulation>;
