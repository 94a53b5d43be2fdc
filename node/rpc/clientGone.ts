import type { FastifyReply } from 'fastify';

/**
 * Aborts when the connection ends before it was answered. The framework's own signal also fires once a request's body has
 * been read, which would end every wait that came as a POST.
 */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
