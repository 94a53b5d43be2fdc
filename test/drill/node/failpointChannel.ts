/** On which a node's main thread tells its executor's thread what to die of. */
export const FAILPOINT_CHANNEL = 'vostro-drill-failpoint';
