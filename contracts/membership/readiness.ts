import { equalBytes } from '../../primitives/bytes.js';
import { t } from '../api/t.js';
import { membershipDeclaration as contract } from './declaration.js';
import { isValidatorLabel } from './records.js';
import { requireAccountRecord } from './registration.js';

/** How a node that is to validate shows that it can, before the list names it. */
export const readiness = {
  /**
   * PROTOCOL §Governance V7. Says that the sender's node has executed the chain up to a recent height, whose state root it names. It is sent by
   * the account of the validator's key and signed by that key.
   */
  ready: contract.tx(
    { args: { height: t.uint(), stateRoot: t.fixedBytes(32) }, auth: { sender: true } },
    (ctx, { height, stateRoot }) => {
      const key = ctx.sender;
      const { label } = requireAccountRecord(ctx, key);
      const isOwn = isValidatorLabel(label) && ctx.signers.includes(key);
      ctx.require(isOwn, 'NOT_VALIDATOR_ACCOUNT', { account: key });
      const root = ctx.stateRoot(height);
      const isSame = root !== undefined && equalBytes(root, stateRoot);
      ctx.require(isSame, 'STATE_ROOT_MISMATCH', { height });
      ctx.state.ready.set(key, { height, timestamp: ctx.timestamp });
      ctx.emit('Ready', { key, height });
    },
  ),
};
