/** A set that forgets what was used longest ago. */
export class RecentSet<T> {
  private readonly members = new Set<T>();

  constructor(private readonly maxSize: number) {}

  add(member: T): void {
    this.members.delete(member);
    this.members.add(member);
    if (this.members.size <= this.maxSize) return;
    for (const oldest of this.members) {
      this.members.delete(oldest);
      return;
    }
  }

  /** Being asked for counts as use. */
  has(member: T): boolean {
    if (!this.members.has(member)) return false;
    this.add(member);
    return true;
  }

  get size(): number {
    return this.members.size;
  }
}
