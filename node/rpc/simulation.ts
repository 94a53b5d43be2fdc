import { mismatch } from '../../api/shape.js';
import type { SimulationJson } from '../../api/simulation.js';
import type { StateKey } from '../../contracts/api/host.js';
import { StateCodec } from '../../contracts/api/mapFromAbi.js';
import type { Json } from '../../contracts/api/schema.js';
import { toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { stateKeyBytes } from '../../primitives/stateFinality.js';
import { decodeTransaction, decodeTransactionBody, draftTransaction } from '../../primitives/transaction.js';
import type { Executor, SimulatedChange, SimulationResult } from '../execution/types.js';
import { nativeSha256 } from '../nativeSha256.js';
import { bytesOf } from './bytesOf.js';
import type { ContractBook } from './contractBook.js';
import { contractsOf, describeReceipt } from './describe.js';
import type { Handlers } from './handler.js';
import type { ContractPort, RpcOptions } from './ports.js';

export interface SimulationModules {
  readonly executor: Pick<Executor, 'simulate'>;
  readonly contracts: Pick<ContractBook, 'findAll'>;
  readonly nowMs: () => number;
}

/** What a transaction would do. Nothing is written, and nothing is taken in. */
export function simulationHandlers(
  { genesisHash }: Pick<RpcOptions, 'genesisHash'>,
  modules: SimulationModules,
): Pick<Handlers, 'simulate'> {
  const { executor, contracts, nowMs } = modules;
  return {
    simulate: async ({ transaction, body }) => {
      if ((transaction === undefined) === (body === undefined)) {
        const found = transaction === undefined ? 'neither' : 'both';
        throw mismatch('$', 'a signed transaction, or a body that nobody has signed', found);
      }
      const bytes =
        transaction === undefined
          ? draftTransaction(decodeTransactionBody(bytesOf(body ?? '0x')))
          : bytesOf(transaction);
      const result = await executor.simulate({ bytes, timestamp: nowMs() });
      const { calls } = decodeTransaction(bytes, genesisHash, nativeSha256).body;
      const named = [...contractsOf(result.receipt, calls), ...result.changes.map(({ key }) => ownerOf(key))];
      return describeSimulation(result, calls, await contracts.findAll(named));
    },
  };
}

function describeSimulation(
  { id, height, timestamp, refusal, receipt, maxFuel, outcomes, changes, changeCount }: SimulationResult,
  calls: Parameters<typeof describeReceipt>[1],
  contracts: ReadonlyMap<string, ContractPort>,
): SimulationJson {
  const { success, code, failedCall, error, fuelUsed, events, results, outcomeCount } = describeReceipt(
    { height, index: 0, receipt },
    calls,
    contracts,
  );
  const described = describeChanges(changes, contracts);
  return {
    id: toHex(id),
    height,
    timestamp,
    inclusion: { includable: refusal === undefined, code: refusal?.code ?? '', message: refusal?.message ?? '' },
    receipt: { success, code, failedCall, error, fuelUsed, events, results, outcomeCount },
    maxFuel,
    outcomes,
    changes: described,
    changeCount,
    balances: described.flatMap((change) => balanceChange(change) ?? []),
  };
}

type ChangeJson = SimulationJson['changes'][number];

function describeChanges(
  changes: readonly SimulatedChange[],
  contracts: ReadonlyMap<string, ContractPort>,
): readonly ChangeJson[] {
  const codecs = new Map<string, StateCodec | undefined>();
  const codecOf = (contract: string): StateCodec | undefined => {
    const port = contracts.get(contract);
    if (!codecs.has(contract)) codecs.set(contract, port === undefined ? undefined : new StateCodec(port.abi()));
    return codecs.get(contract);
  };
  return changes.map((change) => describeChange(change, codecOf));
}

function describeChange(
  { key: full, before, after }: SimulatedChange,
  codecOf: (contract: string) => StateCodec | undefined,
): ChangeJson {
  const contract = ownerOf(full);
  const key = full.slice(contract.length + 1);
  const map = codecOf(contract)?.mapOf(key);
  const shown = (value: Uint8Array | undefined, read: (bytes: Uint8Array) => Json) =>
    value === undefined ? null : read(value);
  try {
    if (map !== undefined) {
      const read = (bytes: Uint8Array) => map.decodeValue(bytes);
      return {
        contract,
        map: map.name,
        key: map.decodeKey(key),
        before: shown(before, read),
        after: shown(after, read),
      };
    }
  } catch (error) {
    // An older version of the contract may have written it: its bytes are shown.
    if (!isCodedError(error)) throw error;
  }
  const bytes = [toHex(stateKeyBytes(key))];
  return { contract, map: null, key: bytes, before: shown(before, toHex), after: shown(after, toHex) };
}

/** The contract in whose namespace a key stands. */
function ownerOf(key: StateKey): string {
  return key.slice(0, key.indexOf('/'));
}

/** Maps that say what an account holds, and where its key names the account and what is held. */
const HOLDINGS = [
  { contract: 'cash', map: 'balances', kind: 'cash', account: 1, asset: 0 },
  { contract: 'cash', map: 'locked', kind: 'locked', account: 1, asset: 0 },
  { contract: 'assets', map: 'holdings', kind: 'instrument', account: 1, asset: 0 },
  { contract: 'assets', map: 'locked', kind: 'lockedInstrument', account: 1, asset: 0 },
] as const;

/** No entry is a balance of none. */
function balanceChange({
  contract,
  map,
  key,
  before,
  after,
}: ChangeJson): SimulationJson['balances'][number] | undefined {
  const found = HOLDINGS.find((holding) => holding.contract === contract && holding.map === map);
  if (found === undefined) return undefined;
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '0');
  const [account, asset] = [text(key[found.account]), text(key[found.asset])];
  return { kind: found.kind, account, asset, before: text(before), after: text(after) };
}
