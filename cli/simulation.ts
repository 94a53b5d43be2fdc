import type { SimulationJson } from '../api/simulation.js';
import type { SignedTransaction } from '../client/transactions.js';
import { parseAddress } from '../primitives/address.js';
import { CodedError } from '../primitives/errors.js';
import type { TransactionBody } from '../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from './amounts.js';
import type { Invocation } from './invocation.js';
import type { CommandResult } from './output.js';
import type { Session } from './session.js';
import { formatTable } from './table.js';

/** A transaction that would not do what it should: the code is the one that it would fail with. */
export class WouldFailError extends CodedError {}

/** Entries and events that are shown to people; `--json` has all. */
const MAX_SHOWN = 20;
const MAX_SHOWN_CHARACTERS = 160;

/** True when the command shall show what it would do, and sign and send nothing. */
export function isSimulated({ options }: Invocation): boolean {
  return options.flag('simulate') || options.flag('dryRun');
}

/** What a transaction would do, as a result: one that would fail is an error with its code. */
export async function simulationResult(
  session: Session,
  draft: TransactionBody | SignedTransaction,
): Promise<CommandResult> {
  const simulation = await session.client.simulate(draft);
  const failure = failureOf(simulation);
  return {
    data: {
      simulated: true,
      wouldSucceed: failure === undefined,
      ...simulation,
      balances: balancesOf(session, simulation),
    },
    text: describe(session, simulation, failure),
    errors: failure === undefined ? [] : [failure],
  };
}

function failureOf({ id, inclusion, receipt }: SimulationJson): WouldFailError | undefined {
  const details = { transactionId: id, hint: 'nothing was signed or sent; mend what the code names' };
  if (!inclusion.includable) {
    const { code, message } = inclusion;
    return new WouldFailError(code, `no block would include it: ${message}`, details);
  }
  if (receipt.success) return undefined;
  const { code, failedCall, error } = receipt;
  const why = error === null ? '' : ` ${JSON.stringify(error)}`;
  return new WouldFailError(code, `${failedCall} would refuse it: ${code}${why}`, { ...details, failedCall });
}

/** Amounts in the major unit for cash, in units for instruments. */
function balancesOf({ network }: Session, { balances }: SimulationJson) {
  return balances.map(({ kind, account, asset, before, after }) => {
    const decimals = kind === 'instrument' || kind === 'lockedInstrument' ? 0 : network.decimalsOf(asset);
    const [held, left] = [BigInt(before), BigInt(after)];
    const amount = (value: bigint): string => formatMajorAmount(value, decimals);
    return { kind, account, asset, before: amount(held), after: amount(left), change: amount(left - held) };
  });
}

function describe(session: Session, simulation: SimulationJson, failure: WouldFailError | undefined): string {
  const { receipt, maxFuel, height } = simulation;
  const verdict = failure === undefined ? 'would succeed' : 'would not succeed';
  const fuel = `fuel ${formatAmountForPeople(BigInt(receipt.fuelUsed), 0)} of at most ${formatAmountForPeople(BigInt(maxFuel), 0)}`;
  return [
    `${verdict}; ${fuel}`,
    ...balanceLines(session, simulation),
    ...receiptLines(simulation),
    ...changeLines(simulation),
    `a node’s word, as of height ${height}; nothing was signed or sent`,
  ].join('\n');
}

function balanceLines({ accounts, network }: Session, { balances }: SimulationJson): readonly string[] {
  if (balances.length === 0) return [];
  const rows = balances.map(({ kind, account, asset, before, after }) => {
    const decimals = kind === 'instrument' || kind === 'lockedInstrument' ? 0 : network.decimalsOf(asset);
    const [held, left] = [BigInt(before), BigInt(after)];
    const shown = (amount: bigint): string => formatAmountForPeople(amount, decimals);
    const isDebit = left < held;
    const amount = `${shown(isDebit ? held - left : left - held)} ${asset}`;
    const name = accounts.shown(parseAddress(account));
    const [less, more] = kind.startsWith('locked') ? ['would release', 'would lock'] : ['would debit', 'would credit'];
    return [isDebit ? less : more, name, amount, `${shown(held)} → ${shown(left)}`];
  });
  const columns = [
    { title: '' },
    { title: 'ACCOUNT' },
    { title: 'AMOUNT', align: 'right' },
    { title: 'BALANCE', align: 'right' },
  ] as const;
  return [formatTable(columns, rows)];
}

function receiptLines({ receipt, outcomes }: SimulationJson): readonly string[] {
  const events = receipt.events.map(({ contract, name, data }) => `event   ${contract}.${name} ${shortened(data)}`);
  const refused = outcomes.filter(({ code }) => code !== '');
  const payments = refused.map(({ reference, code }) => `payment ${reference} would be refused: ${code}`);
  const settled = receipt.outcomeCount - refused.length;
  const count = receipt.outcomeCount === 0 ? [] : [`payments ${settled} of ${receipt.outcomeCount} would settle`];
  return [...atMost(events), ...count, ...atMost(payments)];
}

/** What stands in no account's balance. */
function changeLines({ changes, changeCount }: SimulationJson): readonly string[] {
  const others = changes.filter(({ contract, map }) => !isHolding(contract, map));
  const lines = others.map(({ contract, map, key, before, after }) => {
    const name = `${contract}.${map ?? '(no known map)'} ${key.map((part) => shortened(part)).join(' ')}`;
    return `changes ${name}: ${shortened(before)} → ${shortened(after)}`;
  });
  const untold = changeCount - changes.length;
  return [
    ...atMost(lines),
    ...(untold > 0
      ? [`${untold} further entries would change, which are not shown; the balances above may not be all`]
      : []),
  ];
}

function isHolding(contract: string, map: string | null): boolean {
  const held = contract === 'cash' ? ['balances', 'locked'] : contract === 'assets' ? ['holdings', 'locked'] : [];
  return map !== null && held.includes(map);
}

function atMost(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_SHOWN) return lines;
  return [...lines.slice(0, MAX_SHOWN), `… and ${lines.length - MAX_SHOWN} more (all of it with --json)`];
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
