import { isCodedError } from '../../../primitives/errors.js';
import { Generator } from './generator.js';
import type { GeneratorAnswer, GeneratorOrder } from './messages.js';

/** The process of one generator: takes orders from the process that forked it, and ends with it. */
const closed = new AbortController();
const held: { generator?: Generator } = {};

async function answerOf(order: GeneratorOrder): Promise<GeneratorAnswer> {
  try {
    if (order.type === 'setUp') {
      held.generator = await Generator.create(order.setup, closed.signal);
      return { type: 'done' };
    }
    if (held.generator === undefined) return { type: 'failed', code: 'GENERATOR_FAILED', message: 'not set up' };
    return await held.generator.obey(order);
  } catch (error) {
    const code = isCodedError(error) ? error.code : 'GENERATOR_FAILED';
    return { type: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (order) => {
  void answerOf(order as GeneratorOrder).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => {
  closed.abort();
  process.exit(0);
});
// A terminal sends Ctrl-C to the whole group: the process that forked this one ends it.
process.on('SIGINT', () => undefined);
