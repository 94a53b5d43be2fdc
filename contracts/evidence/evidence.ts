import { isCodedError } from '../../primitives/errors.js';
import { decodeEvidence, type Evidence, evidenceId, verifyEvidence } from '../../primitives/evidence.js';
import { LIMITS } from '../../primitives/limits.js';
import { nobleBackend } from '../../primitives/signature.js';
import type { SignatureBackend } from '../../primitives/types.js';
import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { membership } from '../membership/membership.js';

/** Deriving an address and checking two signatures in JavaScript take about this many nanoseconds. */
const CHECK_FUEL = 6_500_000;

/** Faults of one validator at one height that are recorded: an amnesia, and a double sign of each type (PROTOCOL §Evidence E6). */
export const REPORTS_PER_VALIDATOR_AND_HEIGHT = 5;

const id = t.fixedBytes(32);
const kind = t.enum(['doubleSign', 'amnesia']);
const vote = t.enum(['proposal', 'prepare', 'commit', 'roundChange']);
const round = t.uint(LIMITS.round);
const proof = t.bytes(LIMITS.evidenceBytes, 1);

/** What was done, by whom, and for which height; `round` and `vote` are those of the later of the two votes. */
const fault = { member: t.bic, validator: t.address, kind, height: t.uint(), round, vote };

const report = t.struct({
  position: t.uint(),
  ...fault,
  reporter: t.bic,
  reportedHeight: t.uint(),
  reportedAt: t.uint(),
  proof,
});

const state = {
  /** By the id of PROTOCOL §Evidence E4. */
  reports: map([id], report),
  /** The order in which they were recorded, from 0. */
  order: map([t.uint()], id),
  count: map([], t.uint(), 0),
  /** Reports of one validator for one height. */
  counts: map([t.address, t.uint()], t.uint(REPORTS_PER_VALIDATOR_AND_HEIGHT), 0),
};

const events = {
  EvidenceReported: { id, ...fault, reporter: t.bic },
};

const errors = {
  /** The bytes are not two votes that prove a fault. */
  EVIDENCE_MALFORMED: {},
  /** Nobody registered the key that is accused. */
  VALIDATOR_UNKNOWN: { validator: t.address },
  /** The accused did not sign both votes, or not on this network. */
  EVIDENCE_INVALID: { validator: t.address },
  /** It is recorded already. */
  EVIDENCE_KNOWN: { id },
  /** A fault at a height that is not decided yet is reported when it is. */
  EVIDENCE_PREMATURE: { height: t.uint() },
  /** Enough is recorded of this validator for this height. */
  EVIDENCE_LIMIT: { validator: t.address, height: t.uint() },
};

const contract = defineContract({ name: 'evidence', version: 1, state, events, errors });
type EvidenceContext = TxContext<typeof state, typeof events, typeof errors>;

function decoded(ctx: EvidenceContext, bytes: Uint8Array): Evidence {
  try {
    return decodeEvidence(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return ctx.fail('EVIDENCE_MALFORMED');
  }
}

/** @returns the member that registered the key */
function requireSignedByOwner(ctx: EvidenceContext, evidence: Evidence, backend: SignatureBackend): string {
  const { validator } = evidence;
  const key = ctx.view(membership.methods.key, { key: validator }) ?? ctx.fail('VALIDATOR_UNKNOWN', { validator });
  ctx.useFuel(CHECK_FUEL);
  try {
    verifyEvidence(evidence, key.publicKey, ctx.genesisHash, backend);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    ctx.fail('EVIDENCE_INVALID', { validator });
  }
  return key.member;
}

/** Records a validator's fault for good. Whoever reports it vouches for nothing: the signatures are checked here. */
function reportMethod(backend: SignatureBackend) {
  return contract.tx({ args: { evidence: proof }, auth: { sender: true } }, (ctx, { evidence: bytes }) => {
    const evidence = decoded(ctx, bytes);
    const { validator, second } = evidence;
    const known = evidenceId(evidence);
    ctx.require(!ctx.state.reports.has(known), 'EVIDENCE_KNOWN', { id: known });
    ctx.require(second.height <= ctx.height, 'EVIDENCE_PREMATURE', { height: second.height });
    const count = ctx.state.counts.get(validator, second.height);
    const at = { validator, height: second.height };
    ctx.require(count < REPORTS_PER_VALIDATOR_AND_HEIGHT, 'EVIDENCE_LIMIT', at);
    const member = requireSignedByOwner(ctx, evidence, backend);
    const { member: reporter } = ctx.requireAccount(ctx.sender);
    const found = { member, ...at, kind: evidence.kind, round: second.round, vote: second.type };
    const position = ctx.state.count.get();
    const reported = { reporter, reportedHeight: ctx.height, reportedAt: ctx.timestamp };
    ctx.state.reports.set(known, { position, ...found, ...reported, proof: bytes });
    ctx.state.order.set(position, known);
    ctx.state.count.set(position + 1);
    ctx.state.counts.set(validator, second.height, count + 1);
    ctx.emit('EvidenceReported', { id: known, ...found, reporter });
  });
}

const views = {
  get: contract.view({ args: { id }, returns: t.optional(report) }, (ctx, a) => ctx.state.reports.find(a.id)),

  /** In the order in which they were recorded, after the position `after`. */
  list: contract.view(
    {
      args: { limit: t.uint(RANGE_LIMIT), after: t.optional(t.uint()) },
      returns: t.list(t.struct({ id, ...report.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.order
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ value }) => ({ id: value, ...ctx.state.reports.get(value) })),
  ),
};

/** The contract with another check of signatures than the pure one: a simulator's. */
export function createEvidence(backend: SignatureBackend) {
  return contract.build({ report: reportMethod(backend), ...views });
}

/** PROTOCOL §Evidence E9. Proven faults of validators. It punishes nobody: what follows is decided by the members. */
export const evidence = createEvidence(nobleBackend);
