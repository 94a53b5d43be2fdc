/** What changes hands, as the books note it. */
export interface Movement {
  readonly asset: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}
