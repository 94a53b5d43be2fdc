import { startConsensus, step } from '../../consensus/consensus.js';
import { emptyRecord } from '../../consensus/journalRecord.js';
import { checkSigning, type SigningState, signingStateOf } from '../../consensus/signingGuard.js';
import type { ConsensusState } from '../../consensus/state.js';
import type {
  BuildBlockEffect,
  Effect,
  HeldBody,
  InputBody,
  JournalRecord,
  PersistEffect,
  RoundChange,
  SignedMessage,
} from '../../consensus/types.js';
import { headerHash } from '../../primitives/block.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import type { BlockHeader, Certificate, Validator } from '../../primitives/types.js';
import {
  childHeader,
  GENESIS_TIMESTAMP_MS,
  genesisHead,
  isStandInCertificate,
  signAs,
  TEST_CONFIG,
} from '../scenarios/protocol/fixture.js';

/** One honest validator of the model: the real reducer, with a host that does at once whatever it is asked. */

const NOW_MS = GENESIS_TIMESTAMP_MS + 1_000;
const INTERVAL = { type: 'proposalDue', height: 1, reason: 'interval' } as const;

/** What a test may take away from the host, to see that it is missed. */
export interface ModelOptions {
  /** False: a restart begins with an empty journal. */
  readonly hasJournal: boolean;
}

/** Blocks of the model by their hash. */
export class Blocks {
  readonly #headers = new Map<string, BlockHeader>();
  readonly head;

  constructor(readonly validators: readonly Validator[]) {
    this.head = genesisHead(validators);
  }

  /** The block that this validator makes in a round; `variant` tells those of a faulty one apart. */
  make(proposer: number, round: number, variant = 0): HeldBody {
    const address = this.validators[proposer]?.address ?? '0x';
    const content = 1 + variant + 10 * round + 100 * proposer;
    const header = childHeader(this.head, { proposer: address, timestamp: NOW_MS, content });
    return this.note({ header, blockHash: headerHash(header) });
  }

  note(body: HeldBody): HeldBody {
    this.#headers.set(toHex(body.blockHash), body.header);
    return body;
  }

  header(hash: Hash): BlockHeader {
    const header = this.#headers.get(toHex(hash));
    if (header === undefined) throw new Error('a block that nobody made');
    return header;
  }
}

/** What a validator does next, besides what it is given. */
export type LocalInput = { readonly type: 'restart' } | { readonly type: 'timeout' } | SignedMessage;

/** What came of a history of inputs. */
export interface LocalOutcome {
  /** Everything that decides what it does from here on, as text. */
  readonly key: string;
  readonly round: number;
  readonly acceptedHash: Hash | undefined;
  readonly hasCommitted: boolean;
  readonly isTimerRunning: boolean;
  readonly decided: Hash | undefined;
  /** What the last input made it release. */
  readonly released: readonly SignedMessage[];
  /** A vote that the signing guard refused, or a broken invariant. */
  readonly fault: string | undefined;
}

/** Runs a history from the start. */
export function runLocal(
  self: number,
  blocks: Blocks,
  options: ModelOptions,
  history: readonly LocalInput[],
): LocalOutcome {
  const run = new LocalRun(self, blocks, options);
  try {
    run.start(emptyRecord(0));
    for (const input of history) run.take(input);
    return run.outcome();
  } catch (error) {
    return { ...run.outcome(), fault: error instanceof Error ? error.message : String(error) };
  }
}

class LocalRun {
  #state: ConsensusState | undefined;
  #record: JournalRecord = emptyRecord(0);
  #guard: SigningState = signingStateOf(emptyRecord(0));
  #released: SignedMessage[] = [];
  #decided: Hash | undefined;
  readonly #bodies = new Map<string, HeldBody>();
  readonly #queue: InputBody[] = [];

  constructor(
    private readonly self: number,
    private readonly blocks: Blocks,
    private readonly options: ModelOptions,
  ) {}

  start(record: JournalRecord): void {
    const { head, validators } = this.blocks;
    const config = { ...TEST_CONFIG, address: validators[this.self]?.address };
    const bodies = [...this.#bodies.values()];
    const { state, effects } = startConsensus(config, { nowMs: NOW_MS, head, record, bodies, workPending: true });
    this.#state = state;
    this.#carryOut(effects);
    this.#give(INTERVAL);
  }

  take(input: LocalInput): void {
    this.#released = [];
    if (this.#decided !== undefined) return;
    if (input.type === 'restart') this.start(this.options.hasJournal ? this.#record : emptyRecord(0));
    else if (input.type === 'timeout') this.#give({ type: 'timeout', height: 1, round: this.#current.round });
    else this.#give({ type: 'message', message: input });
  }

  get #current() {
    if (this.#state === undefined) throw new Error('started first');
    return this.#state.current;
  }

  #give(input: InputBody): void {
    this.#queue.push(input);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (this.#state === undefined || this.#decided !== undefined) continue;
      this.#carryOut(step(this.#state, { ...next, nowMs: NOW_MS }));
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'persist':
          this.#persist(effect);
          break;
        case 'buildBlock':
          this.#build(effect);
          break;
        case 'executeBlock': {
          const { height, round, blockHash, header } = effect;
          this.#keep({ blockHash, header });
          this.#queue.push({ type: 'executed', height, round, blockHash, header, outcome: 'valid' });
          break;
        }
        case 'fetchBody': {
          const body = { blockHash: effect.blockHash, header: this.blocks.header(effect.blockHash) };
          this.#keep(body);
          this.#queue.push({ type: 'bodyAvailable', ...body });
          break;
        }
        case 'commitBlock':
          this.#decided = effect.blockHash;
          break;
        default:
          break;
      }
    }
  }

  #persist({ record, thenSend }: PersistEffect): void {
    this.#record = record;
    const isValid = (certificate: Certificate): boolean => isStandInCertificate(certificate, this.blocks.validators);
    const own: InputBody[] = [];
    for (const vote of thenSend) {
      this.#guard = checkSigning(this.#guard, vote, { prepared: record.prepared, isValid });
      const message = signAs(this.self, vote) as SignedMessage;
      this.#released.push(message);
      own.push({ type: 'message', message });
    }
    this.#queue.unshift(...own);
  }

  #build({ height, round }: BuildBlockEffect): void {
    const body = this.#keep(this.blocks.make(this.self, round));
    this.#queue.push({ type: 'built', height, round, ...body });
  }

  #keep(body: HeldBody): HeldBody {
    this.#bodies.set(toHex(body.blockHash), body);
    return body;
  }

  outcome(): LocalOutcome {
    const { round, acceptedHash, sent, isTimerRunning } = this.#current;
    return {
      key: this.#key(),
      round,
      acceptedHash,
      hasCommitted: sent.commit?.round === round,
      isTimerRunning,
      decided: this.#decided,
      released: this.#released,
      fault: undefined,
    };
  }

  /**
   * Who signed a certificate, and who voted below a quorum, decides nothing (the model gives votes by quorums), so that
   * states which differ in nothing else are one.
   */
  #key(): string {
    if (this.#decided !== undefined) return `decided ${toHex(this.#decided)}`;
    const { round, acceptedHash, candidate, seenProposal, sent, prepared, roundChanges, isTimerRunning, building } =
      this.#current;
    const { proposal, prepare, commit, roundChange } = sent;
    const known = this.blocks.validators.map((_, sender) => claimKey(roundChanges.get(sender)));
    const short = (hash: Hash | undefined): string => (hash === undefined ? '' : toHex(hash).slice(2, 10));
    const vote = (said: { readonly round: number; readonly blockHash: Hash } | undefined): string =>
      said === undefined ? '' : `${said.round}${short(said.blockHash)}`;
    return [
      round,
      short(acceptedHash),
      short(candidate?.blockHash),
      short(seenProposal?.blockHash),
      ...[vote(proposal), vote(prepare), vote(commit), claimKey(roundChange), vote(prepared)],
      ...known,
      isTimerRunning,
      building?.round,
      this.#guardKey(),
    ].join('|');
  }

  /** What the key signed and the reducer no longer knows: something only where the journal is taken away. */
  #guardKey(): string {
    if (this.options.hasJournal) return '';
    const { proposal, prepare, commit, roundChange } = this.#guard.sent;
    return [proposal, prepare, commit, roundChange].map((vote) => (vote === undefined ? '' : vote.round)).join(' ');
  }
}

export function claimKey(message: RoundChange | undefined): string {
  if (message === undefined) return '';
  const { round, preparedRound, preparedHash, preparedCertificate } = message;
  const claim = preparedHash === undefined ? '' : `${preparedRound}${toHex(preparedHash).slice(2, 10)}`;
  return `${round}${claim}${preparedCertificate === undefined ? '' : '!'}`;
}
