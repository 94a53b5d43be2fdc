import { calendarDayOf, isCalendarDay } from '../../contracts/api/calendar.js';
import { RANGE_LIMIT } from '../../contracts/api/rangeLimit.js';
import { MEMBER_ROLES } from '../../contracts/api/roles.js';
import { invariant } from '../../primitives/errors.js';
import { callOf } from './context.js';
import { defineContract, GuestContract } from './define.js';
import { ask, ContractFailure, jsonOf } from './host.js';
import { METHOD_BASE, OPERATION } from './operations.js';
import { t } from './schemas.js';
import { map } from './state.js';

const ONE_CONTRACT = 'a program exports exactly one contract';

/** What `vostro/contract` gives to a program. */
const contract = Object.freeze({
  callOf,
  calendarDayOf,
  ContractFailure,
  defineContract,
  isCalendarDay,
  map,
  MEMBER_ROLES,
  RANGE_LIMIT,
  t,
});

/**
 * Leaves one global for programs, `vostro`, and one for the engine, `__vostroCall`. A program names the contract that it is
 * by `vostro.deploy`.
 */
function install(globals: Record<string, unknown>): void {
  let running: GuestContract | undefined;

  /** Takes the exports of a program's entry module: one of them is the contract. */
  const deploy = (exports: Readonly<Record<string, unknown>>): void => {
    const contracts = Object.values(exports).filter((value) => value instanceof GuestContract);
    invariant(contracts.length === 1 && running === undefined, ONE_CONTRACT);
    running = contracts[0];
  };

  /**
   * Nothing → the ABI; a method's character and JSON of its arguments → what crosses of the result. A failure that ends
   * the call is named to the host.
   */
  const entry = (input: string): string => {
    invariant(running !== undefined, ONE_CONTRACT);
    if (input === '') return jsonOf(running.abi());
    try {
      return running.run(input.charCodeAt(0) - METHOD_BASE, input.slice(1));
    } catch (error) {
      const number = ContractFailure.numberOf(error);
      if (number === undefined) throw error;
      return ask(OPERATION.endWith, number, '');
    }
  };

  globals['vostro'] = Object.freeze({ contract, deploy });
  globals['__vostroCall'] = entry;
}

install(globalThis as unknown as Record<string, unknown>);
