/** Whether anybody waits for proofs of what the next block holds: written by the doors, read with every commit. */
export class ReceiptDemand {
  #isWanted = false;

  get isWanted(): boolean {
    return this.#isWanted;
  }

  tell(isWanted: boolean): void {
    this.#isWanted = isWanted;
  }
}
