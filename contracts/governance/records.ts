import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { DAY_MS } from '../time/deadline.js';

/** What governance keeps: proposals, who approved them, when they are due, and pauses. */

export const MAX_CALLS = 8;
/** Bytes of one call's arguments: eight of them and all else of a proposal fit one value of the state. */
export const MAX_ARGS_BYTES = 7_168;
/** Proposals that may be due at one height: what the executor runs at the end of one block is bounded. */
export const PROPOSALS_PER_HEIGHT = 8;
/** Proposals of one member that are open or accepted. */
export const PROPOSALS_PER_MEMBER = 8;
/** Whole blocks between the last approval and the activation. */
export const NOTICE_BLOCKS = 1;
/** Fuel of a governed call into a bank's contract, beside the migration of one: about 50 ms. */
export const DEPLOYED_CALL_FUEL = 50_000_000;
/** How long a proposal may stay open. */
export const MAX_OPEN_MS = 90 * DAY_MS;
/** How long one vote may pause a contract. */
export const MAX_PAUSE_MS = 7 * DAY_MS;

/** The scope of a pause that stands for every contract that may be paused. */
export const ALL_CONTRACTS = 'all';
/** Contracts that no pause stops: without them nobody could lift it, or answer for what happened. */
export const NEVER_PAUSED: readonly string[] = [
  'contracts',
  'evidence',
  'governance',
  'membership',
  'parameters',
  'sandbox',
];

export const MAX_DESCRIPTION = 500;
/** Far above what a network of banks has. */
const MAX_VOTES = 10_000;

export const STATUSES = ['open', 'accepted', 'activated', 'failed', 'cancelled', 'expired'] as const;
export type ProposalStatus = (typeof STATUSES)[number];

export const name = t.text(64);
export const status = t.enum(STATUSES);
export const hash = t.fixedBytes(32);
export const scope = t.id;
const voters = t.list(t.bic, MAX_VOTES);

const callFields = { contract: name, method: name, args: t.bytes(MAX_ARGS_BYTES) };

/** What is approved: its hash covers exactly this. */
export const payloadFields = {
  calls: t.list(t.struct(callFields), MAX_CALLS, 1),
  /** The first height at which it is in force: the calls run at the end of the block before. */
  activateAt: t.uint(),
  /** Consensus time from which an open proposal can be approved no more. */
  expiresAt: t.uint(),
  description: t.text(MAX_DESCRIPTION),
  /** SHA-256 of a document that says more. */
  document: t.optional(hash),
};

export const payload = t.struct(payloadFields);

export const proposalRecord = t.struct({
  ...payloadFields,
  proposer: t.bic,
  hash,
  status,
  /** Why it failed: the code, and the call that did. */
  code: t.optional(name),
  failedCall: t.optional(t.text(129)),
});

export const proposalFields = { id: t.uint(), ...proposalRecord.fields };

export const governanceState = {
  /** The number that the next proposal gets, from 1. */
  nextId: map([], t.uint(), 1),
  proposals: map([t.uint()], proposalRecord),
  /** Proposal → members that approved it. */
  approvals: map([t.uint()], voters, []),
  /** Proposal → members that want it cancelled. */
  cancellations: map([t.uint()], voters, []),
  /** Member → its proposals that are open or accepted. */
  live: map([t.bic], t.uint(), 0),
  /** Activation height, proposal: every one that is open or accepted. */
  due: map([t.uint(), t.uint()], t.bool),
  /** Consensus time, proposal: every one that is open. */
  expiring: map([t.uint(), t.uint()], t.bool),
  /** Scope, member → until when the member wants it paused. */
  pauseVotes: map([scope, t.bic], t.uint()),
  /** Scope, member that wants the pause lifted. */
  liftVotes: map([scope, t.bic], t.bool),
  /** Scope → until when it is paused. */
  pauses: map([scope], t.uint()),
  /** What the executor looks at after each block: the earliest height and the earliest time at which something is due. */
  agenda: map([], t.struct({ height: t.optional(t.uint()), timestamp: t.optional(t.uint()) })),
};

export type Payload = Infer<typeof payload>;
export type ProposalRecord = Infer<typeof proposalRecord>;
export type Agenda = Infer<typeof governanceState.agenda.value>;
