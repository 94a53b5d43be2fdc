import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { batchCounts, contract, mode, payment, paymentFields, submissionHeader } from './declaration.js';
import { id, QUEUE_LIMITS, reference } from './records.js';
import { type Decision, refuse, Submission } from './submission.js';

/** Where a payment waits, by the bank's own name for it. */
const queuedPayment = t.struct({ reference, id });

const submitted = t.enum(['settled', 'queued']);

type Payment = Infer<typeof payment>;

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
      if (decision.kind === 'refused') return refuse(ctx, decision.code, a.debtor, a);
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
        queuedPayments: t.list(queuedPayment, QUEUE_LIMITS.batch),
      }),
      auth: byDebtor,
    },
    (ctx, a) => {
      const submission = new Submission(ctx, a);
      const decided = a.payments.map((each): readonly [Payment, Decision] => {
        const decision = submission.submit(each);
        if (decision.kind === 'refused' && a.mode === 'all') refuse(ctx, decision.code, a.debtor, each);
        return [each, decision];
      });
      const settled = submission.end();
      const counts = { settled: 0, queued: 0, refused: 0 };
      const queuedPayments: Infer<typeof queuedPayment>[] = [];
      for (const [{ reference: name }, decision] of decided) {
        if (decision.kind === 'refused') {
          counts.refused += 1;
          ctx.outcome(name, decision.code);
          continue;
        }
        const isQueued = decision.kind === 'queued' && !settled.has(decision.id);
        counts[isQueued ? 'queued' : 'settled'] += 1;
        ctx.outcome(name, isQueued ? 'QUEUED' : '');
        if (decision.kind === 'queued') queuedPayments.push({ reference: name, id: decision.id });
      }
      const { debtor, currency } = a;
      const { day: businessDay } = submission;
      ctx.emit('BatchSubmitted', { debtor, currency, businessDay, mode: a.mode, ...counts });
      return { businessDay, ...counts, queuedPayments };
    },
  ),
};
