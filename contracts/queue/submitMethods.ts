import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import type { LimitCode } from '../cash/allowance.js';
import { type Decision, type RefusalCode, refuse } from './decisions.js';
import { batchCounts, contract, mode, payment, paymentFields, submissionHeader } from './declaration.js';
import { id, QUEUE_LIMITS } from './records.js';
import { Submission } from './submission.js';

/** What became of one payment of a batch: where it waits or waited, or why it was refused. */
const batchOutcome = t.struct({
  status: t.enum(['settled', 'queued', 'refused']),
  id: t.optional(id),
  code: t.optional(t.text(64)),
});

const submitted = t.enum(['settled', 'queued']);

type Payment = Infer<typeof payment>;

/** @param settled what a run has settled that the batch began */
function outcomeOf(decision: Decision, settled: ReadonlySet<number>): Infer<typeof batchOutcome> {
  if (decision.kind !== 'queued')
    return { status: decision.kind, code: 'code' in decision ? decision.code : undefined };
  return { status: settled.has(decision.id) ? 'settled' : 'queued', id: decision.id };
}

function codeOf(
  decision: Decision,
  status: Infer<typeof batchOutcome>['status'],
): RefusalCode | LimitCode | 'QUEUED' | '' {
  if (decision.kind === 'refused') return decision.code;
  return status === 'queued' ? 'QUEUED' : '';
}

const byDebtor = { accounts: (args: { readonly debtor: Address }) => [args.debtor] };

export const submitMethods = {
  /** Settles a payment where it is funded and nothing of its debtor's goes before it; otherwise puts it into the queue. */
  submit: contract.tx(
    {
      args: { ...submissionHeader, ...paymentFields },
      returns: t.struct({ businessDay: t.day, status: submitted, id: t.optional(id) }),
      auth: byDebtor,
    },
    (ctx, a) => {
      const submission = new Submission(ctx, a);
      const decision = submission.submit(a);
      if (decision.kind === 'refused') return refuse(ctx, decision, a.debtor, a);
      const { day: businessDay } = submission;
      const priority = a.priority ?? 'normal';
      if (decision.kind === 'settled') ctx.emit('Settled', { ...a, businessDay, priority });
      const settled = submission.end();
      const waitsAs = decision.kind === 'queued' ? decision.id : undefined;
      const isQueued = waitsAs !== undefined && !settled.has(waitsAs);
      const outcome: Infer<typeof submitted> = isQueued ? 'queued' : 'settled';
      return { businessDay, status: outcome, id: waitsAs };
    },
  ),

  /** The same for up to 1,000 payments of one debtor under one authorisation, in their order. */
  submitBatch: contract.tx(
    {
      args: { ...submissionHeader, mode, payments: t.list(payment, QUEUE_LIMITS.batch, 1) },
      returns: t.struct({
        businessDay: t.day,
        ...batchCounts,
        outcomes: t.list(batchOutcome, QUEUE_LIMITS.batch),
      }),
      auth: byDebtor,
    },
    (ctx, a) => {
      const submission = new Submission(ctx, a);
      const decided = a.payments.map((each): readonly [Payment, Decision] => {
        const decision = submission.submit(each);
        if (decision.kind === 'refused' && a.mode === 'all') refuse(ctx, decision, a.debtor, each);
        return [each, decision];
      });
      const settled = submission.end();
      const counts = { settled: 0, queued: 0, refused: 0 };
      const outcomes = decided.map(([{ reference }, decision]): Infer<typeof batchOutcome> => {
        const outcome = outcomeOf(decision, settled);
        counts[outcome.status] += 1;
        ctx.outcome(reference, codeOf(decision, outcome.status));
        return outcome;
      });
      const { debtor, currency } = a;
      const { day: businessDay } = submission;
      ctx.emit('BatchSubmitted', { debtor, currency, businessDay, mode: a.mode, ...counts });
      return { businessDay, ...counts, outcomes };
    },
  ),
};
