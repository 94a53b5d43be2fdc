/** One vote that left a validator. */
export interface SentVote {
  readonly type: string;
  readonly height: number;
  readonly round: number;
  /** The block's hash; of a RoundChange `preparedRound/preparedHash`, with `-` for none. */
  readonly payload: string;
}

/** What was sent for one height. */
interface HeightRecord {
  /** By type and round. */
  readonly payloads: Map<string, string>;
  /** Highest round of each type. */
  readonly rounds: Map<string, number>;
}

/** The lines of a `sent.log`; a last line that was cut off is none. */
export function readSentVotes(text: string): SentVote[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [type = '', height, round, payload = ''] = line.split(' ');
      return { type, height: Number(height), round: Number(round), payload };
    });
}

/**
 * What an honest validator never sends, in a record of everything that it sent, in its order. The rules of PROTOCOL
 * §Consensus, Signer, written down once more without the code that keeps them. Saying the same again is no fault.
 */
export function signingFaults(votes: readonly SentVote[]): string[] {
  const faults: string[] = [];
  const heights = new Map<number, HeightRecord>();
  let highest = 0;
  for (const vote of votes) {
    const { type, height, round, payload } = vote;
    const record = heights.get(height) ?? { payloads: new Map(), rounds: new Map() };
    heights.set(height, record);
    const key = `${type} ${round}`;
    const known = record.payloads.get(key);
    const where = `${type} of height ${height}, round ${round}`;
    if (known !== undefined) {
      if (known !== payload) faults.push(`two payloads for the ${where}: ${known} and ${payload}`);
      continue;
    }
    if (height < highest) faults.push(`a new ${where} after height ${highest}`);
    highest = Math.max(highest, height);
    faults.push(...orderFaults(vote, record, where));
    record.payloads.set(key, payload);
    record.rounds.set(type, Math.max(round, record.rounds.get(type) ?? -1));
  }
  return faults;
}

function orderFaults({ type, round, payload }: SentVote, { rounds }: HeightRecord, where: string): string[] {
  const faults: string[] = [];
  const highestOf = (name: string): number => rounds.get(name) ?? -1;
  if (highestOf(type) > round) faults.push(`a new ${where} after one of round ${highestOf(type)}`);
  if (type !== 'roundChange') {
    if (highestOf('roundChange') > round)
      faults.push(`a new ${where} after leaving for round ${highestOf('roundChange')}`);
    return faults;
  }
  for (const name of ['proposal', 'prepare', 'commit']) {
    if (highestOf(name) >= round) faults.push(`a new ${where} after a ${name} of round ${highestOf(name)}`);
  }
  const committed = highestOf('commit');
  const claim = payload.startsWith('-') ? -1 : Number(payload.split('/')[0]);
  if (claim < committed)
    faults.push(`a ${where} that claims round ${claim} and forgets the commit of round ${committed}`);
  if (claim >= round) faults.push(`a ${where} that claims round ${claim}`);
  return faults;
}
