import { LIMITS } from '../primitives/limits.js';
import { API_LIMITS } from './limits.js';
import { type Infer, s } from './shape.js';

/** What proves a validator's fault (PROTOCOL §Evidence), as a node shows it. */
export const evidence = s.record(
  {
    id: s.hash,
    kind: s.oneOf(['doubleSign', 'amnesia']),
    /** The later of the two votes, and its round. */
    vote: s.oneOf(['proposal', 'prepare', 'commit', 'roundChange']),
    height: s.integer(0),
    round: s.integer(0),
    validator: s.address,
    /** BIC and name of the member whose key it is; empty where nobody registered the key. */
    member: s.text(11),
    name: s.text(560),
    /** The evidence itself, to be verified offline. */
    proof: s.hex(LIMITS.evidenceBytes),
  },
  {
    /** When this node saw it first, by its own clock; left out where it keeps none. */
    firstSeenMs: s.integer(0),
    /** Where it stands on the chain; left out where it does not, yet. */
    recorded: s.record({
      position: s.integer(0),
      reporter: s.text(11),
      height: s.integer(0),
      timestamp: s.integer(0),
    }),
  },
);

export const evidencePage = s.record(
  { evidence: s.list(evidence, API_LIMITS.pageItems) },
  { nextCursor: s.text(API_LIMITS.cursorBytes) },
);

export type EvidenceJson = Infer<typeof evidence>;
