/** Contracts whose locks secure a claim: neither a holder that is suspended nor a redemption keeps what they hold from whom it secures. */
export const SECURING: readonly string[] = ['credit', 'repo'];
