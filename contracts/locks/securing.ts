/** Contracts whose locks secure a claim: neither a holder that is suspended nor a redemption keeps what they hold from whom it secures. */
export const SECURING: readonly string[] = ['credit', 'repo'];

/**
 * Contracts that deliver out of locks made before a redemption although the units are being redeemed: those that secure a claim, and `htlc`,
 * whose recipient has shown its key and cannot take that back. None of them locks units that are being redeemed.
 */
export const DELIVERING: readonly string[] = [...SECURING, 'htlc'];
