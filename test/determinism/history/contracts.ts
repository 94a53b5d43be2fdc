import type { ExecutableContract } from '../../../contracts/api/host.js';
import { defineContract, type MethodRef, map, t } from '../../../contracts/api/index.js';
import { callOf } from '../../../contracts/api/method.js';
import type { Address, Call } from '../../../primitives/types.js';
import { labContract } from '../../support/labContract.js';
import { desk } from '../../support/sandbox/standardTraffic.js';

/** Native contracts of the history, beside the standard ones, and calls of the banks' own. */

const bySender = { sender: true } as const;
const method = t.text(64);

function named(contract: string, of: string): MethodRef<object, void, 'tx'> {
  return { contract, method: of, kind: 'tx', args: t.struct({}), returns: undefined };
}

const parties = { buyer: t.address, seller: t.address, arbiter: t.address };
const openArgs = t.struct({
  ...{ deal: t.id, ...parties, currency: t.currency, deadline: t.day },
  milestones: t.list(t.struct({ name: t.text(60), amount: t.amount }), 20, 1),
});
const milestoneArgs = t.struct({ deal: t.id, milestone: t.uint(20) });
const escrowOpen = { contract: 'escrow', method: 'open', kind: 'tx', args: openArgs, returns: undefined } as const;

/** A deal as the escrow opens it. */
export interface Deal {
  readonly deal: string;
  readonly buyer: Address;
  readonly seller: Address;
  readonly arbiter: Address;
  readonly deadline: number;
  readonly amounts: readonly bigint[];
}

function openValues({ amounts, ...deal }: Deal) {
  const milestones = amounts.map((amount, index) => ({ name: `part ${index}`, amount }));
  return { ...deal, currency: 'EUR', milestones };
}

export const openDeal = (deal: Deal): Call => callOf(escrowOpen, openValues(deal));

/** `release` and `refund` of a milestone. */
export function ofMilestone(how: 'release' | 'refund', deal: string, milestone: number): Call {
  return { contract: 'escrow', method: how, args: milestoneArgs.encode({ deal, milestone }) };
}

export function resolve(deal: string, milestone: number, toSeller: bigint): Call {
  const args = t.struct({ deal: t.id, milestone: t.uint(20), toSeller: t.amount });
  return { contract: 'escrow', method: 'resolve', args: args.encode({ deal, milestone, toSeller }) };
}

export function dispute(deal: string, by: Address): Call {
  return { contract: 'escrow', method: 'dispute', args: t.struct({ deal: t.id, by: t.address }).encode({ deal, by }) };
}

export function reclaim(deal: string): Call {
  return { contract: 'escrow', method: 'reclaim', args: t.struct({ deal: t.id }).encode({ deal }) };
}

/** Of the escrow's second version. */
export function deliver(deal: string, milestone: number): Call {
  const args = t.struct({ deal: t.id, milestone: t.uint(20), document: t.fixedBytes(32) });
  const document = new Uint8Array(32).fill(milestone + 1);
  return { contract: 'escrow', method: 'deliver', args: args.encode({ deal, milestone, document }) };
}

/** A call without arguments. */
export const plainCall = (contract: string, of: string): Call => callOf(named(contract, of), {});

const tried = { contract: t.text(64), method };
const gatewayDefinition = defineContract({
  name: 'gateway',
  version: 1,
  state: { tries: map([t.text(64), method], t.text(64)) },
  events: { Tried: { ...tried, code: t.text(64) } },
  errors: {},
});

/** A native contract that calls programs of banks, and goes on when they fail. */
export const gateway = gatewayDefinition.build({
  /** What the program `outer` calls: goes on to the program `inner`. */
  attack: gatewayDefinition.tx({ args: {}, auth: bySender }, (ctx) => {
    ctx.state.tries.set('inner', 'attack', 'called');
    ctx.call(named('inner', 'attack'), {});
  }),
  /** Lets a method of a program fail on fuel of its own, and keeps the code. */
  tryOut: gatewayDefinition.tx({ args: { ...tried, fuel: t.uint() }, auth: bySender }, (ctx, a) => {
    const failure = ctx.attempt(() => ctx.call(named(a.contract, a.method), {}, a.fuel));
    const code = failure?.code ?? 'NONE';
    ctx.state.tries.set(a.contract, a.method, code);
    ctx.emit('Tried', { contract: a.contract, method: a.method, code });
  }),
  /** Opens the same deal twice through the escrow, which locks money in `cash`: the second time fails and is taken back. */
  openTwice: gatewayDefinition.tx({ args: { terms: openArgs }, auth: bySender }, (ctx, { terms }) => {
    ctx.call(escrowOpen, terms);
    const failure = ctx.attempt(() => ctx.call(escrowOpen, terms));
    ctx.emit('Tried', { contract: 'escrow', method: 'open', code: failure?.code ?? 'NONE' });
  }),
});

export const openTwice = (deal: Deal): Call => callOf(gateway.methods.openTwice, { terms: openValues(deal) });

/**
 * A contract that breaks the rule on purpose: its fuel depends on the Node.js that runs it and on its flags. What compares
 * histories must notice.
 */
export function impureContract(machine: string): ExecutableContract {
  return labContract('impure', { look: (host) => host.useFuel([...machine].reduce(checksum, 0)) });
}

function checksum(sum: number, character: string): number {
  return (sum * 31 + character.charCodeAt(0)) % 65_521;
}

export function nativeContracts(impure: string | undefined): readonly ExecutableContract[] {
  return [desk, gateway, ...(impure === undefined ? [] : [impureContract(impure)])];
}
