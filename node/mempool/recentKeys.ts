/** A bounded set that forgets its oldest half whenever it is full. */
export class RecentKeys {
  private newer = new Set<string>();
  private older = new Set<string>();

  /** @param maxKeys remembered at most; at least half as many of the newest are */
  constructor(private readonly maxKeys: number) {}

  add(key: string): void {
    if (2 * (this.newer.size + 1) > this.maxKeys) {
      this.older = this.newer;
      this.newer = new Set();
    }
    this.newer.add(key);
  }

  has(key: string): boolean {
    return this.newer.has(key) || this.older.has(key);
  }
}
