import type { ExecutionEvent, News } from './execution/news.js';
import type { Logger, Metrics } from './ops/ports.js';

const SENTENCES: Readonly<Record<ExecutionEvent['event'], string>> = {
  'sandbox.program_loaded': 'the program of a bank contract is loaded',
  'sandbox.program_refused': 'the sandbox refused a program that a bank would register',
  'sandbox.contract_faulted': 'a bank contract ended by its own fault, and what called it may have failed',
};

/** Shows what the executor's thread counted and noted where everything else of the node is shown. */
export function tellNews(
  { counts, events, lostEvents }: News,
  { metrics, logger }: { readonly metrics: Metrics; readonly logger: Logger },
): void {
  for (const { name, by, labels } of counts) metrics.count(name, by, labels);
  for (const { event, fields } of events) {
    const log = event === 'sandbox.contract_faulted' ? logger.warn : logger.info;
    log.call(logger, { event, ...fields }, SENTENCES[event]);
  }
  if (lostEvents > 0) {
    logger.warn({ event: 'sandbox.events_lost', count: lostEvents }, 'more happened in the sandbox than the log holds');
  }
}
