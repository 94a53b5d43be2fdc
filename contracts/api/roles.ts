/** What a member may be. A position in this list stands in the state: append, never move. */
export const MEMBER_ROLES = ['centralBank', 'bank', 'custodian', 'supervisor', 'operator'] as const;

export type MemberRole = (typeof MEMBER_ROLES)[number];
