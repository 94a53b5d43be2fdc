import type { StandardContract } from '../api/define.js';
import { t } from '../api/t.js';
import { membership } from '../membership/membership.js';
import { allEntries } from '../membership/paging.js';
import { activateDue } from './activation.js';
import { governanceDeclaration as contract } from './declaration.js';
import { governedMethods } from './governedMethods.js';
import { voteLift, votePause } from './pauses.js';
import { MAX_PAUSES, pauseList } from './pausesMethod.js';
import { approve, cancel, propose } from './proposals.js';
import { hash, payloadFields, proposalFields, proposalRecord, scope } from './records.js';

const bySender = { sender: true } as const;
const id = t.uint();

/** Proposals that one view gives: each may take up to 64 KiB. */
const PAGE = 20;
const MAX_MEMBERS = 10_000;

const { setValidators } = membership.methods;

function isListing({ contract: name, method }: { readonly contract: string; readonly method: string }): boolean {
  return name === setValidators.contract && method === setValidators.method;
}

const views = {
  proposal: contract.view({ args: { id }, returns: t.optional(proposalRecord) }, (ctx, a) =>
    ctx.state.proposals.find(a.id),
  ),

  /** In the order of their numbers. */
  proposals: contract.view(
    { args: { limit: t.uint(PAGE), after: t.optional(id) }, returns: t.list(t.struct(proposalFields), PAGE) },
    (ctx, a) =>
      ctx.state.proposals
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ id: key[0], ...value })),
  ),

  /** Those that are open or accepted, by the height at which they are due. */
  live: contract.view(
    {
      args: { limit: t.uint(PAGE), after: t.optional(t.struct({ activateAt: t.uint(), id })) },
      returns: t.list(t.struct(proposalFields), PAGE),
    },
    (ctx, a) =>
      ctx.state.due
        .entries(a.limit, a.after === undefined ? undefined : [a.after.activateAt, a.after.id])
        .map(({ key }) => ({ id: key[1], ...ctx.state.proposals.get(key[1]) })),
  ),

  /** Who approved a proposal, and who wants it cancelled. */
  votes: contract.view(
    {
      args: { id },
      returns: t.struct({ approvals: t.list(t.bic, MAX_MEMBERS), cancellations: t.list(t.bic, MAX_MEMBERS) }),
    },
    (ctx, a) => ({ approvals: ctx.state.approvals.get(a.id), cancellations: ctx.state.cancellations.get(a.id) }),
  ),

  /** True when a proposal that is open or accepted would make this key a validator's. */
  awaits: contract.view({ args: { key: t.address }, returns: t.bool }, (ctx, a) =>
    allEntries(ctx.state.due).some(({ key: [, number] }) =>
      ctx.state.proposals
        .get(number)
        .calls.some((call) => isListing(call) && setValidators.args.decode(call.args).validators.includes(a.key)),
    ),
  ),

  /** What is paused, and until when at the latest. */
  pauses: contract.view({ args: {}, returns: pauseList }, (ctx) =>
    ctx.state.pauses
      .entries(MAX_PAUSES)
      .flatMap(({ key, value }) => (value > ctx.timestamp ? [{ scope: key[0], untilMs: value }] : [])),
  ),
};

type Governed = StandardContract & { readonly methods: Readonly<Record<string, unknown>> };

/** The governance of a network with these contracts: it may call every method of theirs that names it as the caller. */
export function defineGovernance(contracts: readonly Governed[]) {
  const methods = governedMethods(contracts);
  const pausable = new Set(contracts.map(({ name }) => name));
  return contract.build({
    propose: contract.tx({ args: payloadFields, returns: t.struct({ id, hash }), auth: bySender }, (ctx, a) =>
      propose(ctx, a, methods),
    ),

    approve: contract.tx({ args: { id, hash }, auth: bySender }, (ctx, a) => approve(ctx, a.id, a.hash)),

    cancel: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => cancel(ctx, a.id)),

    pause: contract.tx({ args: { scope, untilMs: t.uint() }, auth: bySender }, (ctx, a) =>
      votePause(ctx, a.scope, a.untilMs, pausable),
    ),

    lift: contract.tx({ args: { scope }, auth: bySender }, (ctx, a) => voteLift(ctx, a.scope)),

    activateDue: contract.tx({ args: {}, auth: { system: true } }, (ctx) => activateDue(ctx, methods)),

    ...views,
  });
}
