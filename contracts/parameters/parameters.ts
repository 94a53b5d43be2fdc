import { defineContract } from '../api/define.js';
import { MapLayout } from '../api/state.js';
import { t } from '../api/t.js';
import { membership } from '../membership/membership.js';
import { parameterFields, parametersState } from './records.js';
import { type NetworkParameters, PARAMETER_NAMES, parameterFault } from './rules.js';

/**
 * What governance may change. The windows of references and quotas and the shape of the state tree stay as the genesis
 * says: what is in memory and on disk was made for them.
 */
export const GOVERNABLE_PARAMETERS = [
  'minBlockIntervalMs',
  'heartbeatMs',
  'maxClockDriftMs',
  'roundTimeoutBaseMs',
  'roundTimeoutCapMs',
  'maxBlockBytes',
  'maxBlockTransactions',
  'maxBlockFuel',
  'maxTransactionFuel',
  'urgentBlockPercent',
  'quotaTransactions',
  'urgentQuotaTransactions',
] as const satisfies readonly (keyof NetworkParameters)[];

export type GovernableParameter = (typeof GOVERNABLE_PARAMETERS)[number];

const value = t.uint();

/** Each may be left out: then it stays. */
const changes = {
  minBlockIntervalMs: t.optional(value),
  heartbeatMs: t.optional(value),
  maxClockDriftMs: t.optional(value),
  roundTimeoutBaseMs: t.optional(value),
  roundTimeoutCapMs: t.optional(value),
  maxBlockBytes: t.optional(value),
  maxBlockTransactions: t.optional(value),
  maxBlockFuel: t.optional(value),
  maxTransactionFuel: t.optional(value),
  urgentBlockPercent: t.optional(value),
  quotaTransactions: t.optional(value),
  urgentQuotaTransactions: t.optional(value),
} as const satisfies Record<GovernableParameter, unknown>;

const parameter = t.enum(PARAMETER_NAMES);

const contract = defineContract({
  name: 'parameters',
  version: 1,
  state: parametersState,
  events: { ParameterChanged: { parameter, before: value, after: value } },
  errors: {
    PARAMETERS_EXIST: {},
    PARAMETERS_UNCHANGED: {},
    /** Outside its range, or at odds with another parameter or the number of members. */
    PARAMETER_INVALID: { parameter, expected: t.text(200), actual: value },
  },
});

/** The constants of the network: those in force for the next block are a function of the state. */
export const parameters = contract.build({
  genesisParameters: contract.tx({ args: parameterFields, auth: { genesis: true } }, (ctx, a) => {
    ctx.require(ctx.state.current.find() === undefined, 'PARAMETERS_EXIST');
    ctx.state.current.set(a);
  }),

  /** What is left out stays as it is; the result is in force from the next block on. */
  change: contract.tx({ args: changes, auth: { contracts: ['governance'] } }, (ctx, a) => {
    const before = ctx.state.current.get();
    const given = GOVERNABLE_PARAMETERS.filter((name) => a[name] !== undefined && a[name] !== before[name]);
    ctx.require(given.length > 0, 'PARAMETERS_UNCHANGED');
    const after = { ...before, ...Object.fromEntries(given.map((name) => [name, a[name]])) };
    ctx.state.current.set(after);
    for (const name of given) {
      ctx.emit('ParameterChanged', { parameter: name, before: before[name], after: after[name] });
    }
  }),

  current: contract.view({ args: {}, returns: t.struct(parameterFields) }, (ctx) => ctx.state.current.get()),

  /** Fails where the parameters do not fit each other or the members there are: after any change of either. */
  check: contract.view({ args: {}, returns: t.bool }, (ctx) => {
    const members = ctx.view(membership.methods.memberCount, {});
    const fault = parameterFault(ctx.state.current.get(), members);
    if (fault !== undefined) ctx.fail('PARAMETER_INVALID', fault);
    return true;
  }),
});

const current = new MapLayout('current', parametersState.current);

/** The parameters of the block that follows a state: a function of the parameters contract's own keys. */
export function parametersOf(read: (key: string) => Uint8Array | undefined): NetworkParameters | undefined {
  const bytes = read(current.key([]));
  return bytes === undefined ? undefined : current.decode(bytes);
}
