import type { Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';
import { t } from '../api/t.js';
import type { SigningPolicy } from './policy.js';
import { signingFields } from './records.js';

const policy = t.struct(signingFields);

/** Names a policy, for what may replace that one alone: H(tag ‖ canonical bytes of threshold, keys and checkers). */
export function policyHash({ threshold, keys, checkers }: SigningPolicy): Hash {
  return taggedHash(TAGS.accountPolicy, policy.encode({ threshold, keys, checkers }));
}
