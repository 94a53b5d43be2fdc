import type { Proposal, RoundChange, Signed, SignedMessage } from '../../consensus/types.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { indices, testValidators } from '../scenarios/protocol/fixture.js';
import { Blocks, type LocalInput, type LocalOutcome, type ModelOptions, runLocal } from './localNode.js';
import { COUNT, doubleSignature, type Messages, messageKey, QUORUM, Sayable } from './sayable.js';

/**
 * Every order of deliveries, timeouts, restarts and lies of a small network at one height: four validators, some of them
 * faulty, over the real reducer. What was released once may arrive at any time or never; votes arrive by quorums, round
 * changes by pairs (f + 1, and q with one's own), because fewer of them change nothing.
 */
export interface ExplorerOptions extends ModelOptions {
  /** Validators that say whatever they like. */
  readonly faulty: readonly number[];
  /** The highest round that an honest validator's timer may lead to. */
  readonly maxRound: number;
  /** Restarts of honest validators, all together. */
  readonly restarts: number;
  /** States to visit before it gives up. */
  readonly maxStates: number;
}

export interface Exploration {
  readonly states: number;
  /** Distinct states of single validators. */
  readonly localStates: number;
  /** True when nothing is left to visit. */
  readonly isComplete: boolean;
  /** States in which somebody has decided. */
  readonly decisions: number;
  /** The first violation, with the steps that lead to it. */
  readonly violation: { readonly what: string; readonly steps: readonly string[] } | undefined;
}

interface Local {
  readonly id: number;
  readonly node: number;
  readonly history: readonly LocalInput[];
  readonly outcome: LocalOutcome;
  /** Where inputs lead from here, by their keys. */
  readonly next: Map<string, Transition>;
}

interface Transition {
  readonly to: number;
  readonly released: readonly SignedMessage[];
}

/** What honest validators have released together. */
interface Said {
  readonly id: number;
  readonly messages: Messages;
  /** What is wrong with it, whoever said it. */
  readonly violation: string | undefined;
  /** What may be given to whoever wants it, with its key. */
  readonly proposals: readonly Keyed<Signed<Proposal>>[];
  readonly roundChanges: readonly Keyed<Signed<RoundChange>>[];
  readonly committed: readonly (readonly [number, Hash])[];
}

interface Keyed<Message> {
  readonly key: string;
  readonly message: Message;
}

interface Step {
  readonly what: string;
  readonly key: string;
  readonly inputs: readonly LocalInput[];
}

/** One validator's step, by the numbers of what it leads to. */
interface Move {
  readonly what: string;
  readonly to: number;
  readonly said: number;
  readonly isRestart: boolean;
}

/** Numbers of what was said, of local states and of their combinations are below these. */
const MAX_SAIDS = 2 ** 22;
const MAX_LOCALS = 2 ** 16;
const MAX_TUPLES = 2 ** 24;
const MAX_RESTARTS = 4;

export function explore(options: ExplorerOptions): Exploration {
  return new Explorer(options).run();
}

/** A state is one number: the local state of each honest validator, what was said, and how many restarts there were. */
class Explorer {
  readonly #blocks = new Blocks(testValidators(indices(COUNT)));
  readonly #sayable: Sayable;
  readonly #honest: readonly number[];
  readonly #locals: Local[] = [];
  readonly #localIds = new Map<string, number>();
  readonly #tuples: (readonly number[])[] = [];
  readonly #tupleIds = new Map<string, number>();
  readonly #saids: Said[] = [];
  readonly #saidIds = new Map<string, number>();
  /** By what was said and by local state. */
  readonly #moves = new Map<number, readonly Move[]>();
  /** Every state that was seen, with the one it was reached from. */
  readonly #seen = new Map<number, number>();
  readonly #queue: number[] = [];
  #decisions = 0;

  constructor(private readonly options: ExplorerOptions) {
    this.#sayable = new Sayable(this.#blocks, options.faulty, options.maxRound);
    this.#honest = indices(COUNT).filter((index) => !options.faulty.includes(index));
  }

  run(): Exploration {
    const starts = this.#honest.map((node) => this.#local(node, []));
    const said = this.#say(
      new Map(),
      starts.flatMap((id) => (this.#locals[id] as Local).outcome.released),
    );
    this.#visit(starts, said, 0, -1);
    for (let next = 0; next < this.#queue.length && this.#seen.size < this.options.maxStates; next++) {
      const state = this.#queue[next] as number;
      const { locals, said: saidNow, restarts } = this.#decode(state);
      const what = this.#violation(locals, saidNow);
      if (what !== undefined) return this.#result({ what, steps: this.#stepsTo(state) }, false);
      if (locals.some((id) => this.#locals[id]?.outcome.decided !== undefined)) this.#decisions++;
      for (const [position, local] of locals.entries()) {
        for (const { to, said: saidThen, isRestart } of this.#movesOf(local, saidNow)) {
          if (isRestart && restarts >= this.options.restarts) continue;
          this.#visit(locals.with(position, to), saidThen, restarts + (isRestart ? 1 : 0), state);
        }
      }
    }
    return this.#result(undefined, this.#seen.size < this.options.maxStates);
  }

  #result(violation: Exploration['violation'], isComplete: boolean): Exploration {
    const [states, localStates, decisions] = [this.#seen.size, this.#locals.length, this.#decisions];
    return { states, localStates, isComplete, decisions, violation };
  }

  #visit(locals: readonly number[], said: number, restarts: number, from: number): void {
    const state = (said * MAX_RESTARTS + restarts) * MAX_TUPLES + this.#tuple(locals);
    if (this.#seen.has(state)) return;
    this.#seen.set(state, from);
    this.#queue.push(state);
  }

  #tuple(locals: readonly number[]): number {
    const key = locals.join(' ');
    const known = this.#tupleIds.get(key);
    if (known !== undefined) return known;
    const id = this.#tuples.length;
    if (id >= MAX_TUPLES) throw new RangeError('too many combinations of local states');
    this.#tuples.push(locals);
    this.#tupleIds.set(key, id);
    return id;
  }

  #decode(state: number): { readonly locals: readonly number[]; readonly said: number; readonly restarts: number } {
    const rest = Math.floor(state / MAX_TUPLES);
    const locals = this.#tuples[state % MAX_TUPLES] ?? [];
    return { locals, said: Math.floor(rest / MAX_RESTARTS), restarts: rest % MAX_RESTARTS };
  }

  #local(node: number, history: readonly LocalInput[]): number {
    const outcome = runLocal(node, this.#blocks, this.options, history);
    const key = `${node} ${outcome.fault ?? ''} ${outcome.key}`;
    const known = this.#localIds.get(key);
    if (known !== undefined) return known;
    const id = this.#locals.length;
    if (id >= MAX_LOCALS) throw new RangeError('too many local states');
    this.#locals.push({ id, node, history, outcome, next: new Map() });
    this.#localIds.set(key, id);
    return id;
  }

  #say(before: Messages, released: readonly SignedMessage[]): number {
    const messages = new Map([...before, ...released.map((message) => [messageKey(message), message] as const)]);
    const key = [...messages.keys()].sort().join(',');
    const known = this.#saidIds.get(key);
    if (known !== undefined) return known;
    const id = this.#saids.length;
    if (id >= MAX_SAIDS) throw new RangeError('too much was said');
    const keyed = <M extends SignedMessage>(message: M): Keyed<M> => ({ key: messageKey(message), message });
    const honest = [...messages.values()].filter((message) => message.type === 'proposal');
    this.#saids.push({
      id,
      messages,
      violation: doubleSignature(messages) ?? this.#sayable.lostLock(messages),
      proposals: [...honest, ...this.#sayable.proposals(messages)].map(keyed),
      roundChanges: this.#sayable.roundChanges(messages).map(keyed),
      committed: this.#sayable.committedBlocks(messages),
    });
    this.#saidIds.set(key, id);
    return id;
  }

  #movesOf(local: number, said: number): readonly Move[] {
    const key = said * MAX_LOCALS + local;
    const known = this.#moves.get(key);
    if (known !== undefined) return known;
    const moves = new Map<string, Move>();
    const from = this.#locals[local] as Local;
    const before = this.#saids[said] as Said;
    for (const step of this.#steps(from, before)) {
      const { to, released } = this.#transition(from, step);
      const isNews = released.some((message) => !before.messages.has(messageKey(message)));
      const saidThen = isNews ? this.#say(before.messages, released) : said;
      const { what } = step;
      const isRestart = what === 'restart';
      if (to !== local || isNews) moves.set(`${to} ${saidThen} ${isRestart}`, { what, to, said: saidThen, isRestart });
    }
    const found = [...moves.values()];
    this.#moves.set(key, found);
    return found;
  }

  #transition(from: Local, { key, inputs }: Step): Transition {
    const known = from.next.get(key);
    if (known !== undefined) return known;
    const { node, history } = from;
    const released = inputs.flatMap((_, end) => {
      const given = [...history, ...inputs.slice(0, end + 1)];
      return runLocal(node, this.#blocks, this.options, given).released;
    });
    const transition = { to: this.#local(node, [...history, ...inputs]), released };
    from.next.set(key, transition);
    return transition;
  }

  /** The way to a state, in words. */
  #stepsTo(state: number): string[] {
    const steps: string[] = [];
    for (let at = state; ; ) {
      const from = this.#seen.get(at) ?? -1;
      if (from < 0) return steps;
      steps.unshift(this.#stepBetween(from, at));
      at = from;
    }
  }

  #stepBetween(from: number, to: number): string {
    const [before, after] = [this.#decode(from), this.#decode(to)];
    for (const [position, local] of before.locals.entries()) {
      const others = before.locals.every((id, index) => index === position || id === after.locals[index]);
      const move = this.#movesOf(local, before.said).find(
        (candidate) => candidate.to === after.locals[position] && candidate.said === after.said,
      );
      if (others && move !== undefined) return `${this.#honest[position]}: ${move.what}`;
    }
    return 'unknown';
  }

  // ---- what may happen next

  *#steps({ node, outcome }: Local, said: Said): Iterable<Step> {
    const { round, decided, fault, isTimerRunning } = outcome;
    if (decided !== undefined || fault !== undefined) return;
    if (isTimerRunning && round < this.options.maxRound) {
      yield { what: 'timeout', key: 'timeout', inputs: [{ type: 'timeout' }] };
    }
    if (this.options.restarts > 0) yield { what: 'restart', key: 'restart', inputs: [{ type: 'restart' }] };
    yield* this.#votes(said, node, outcome);
    yield* roundChangePairs(said, node, round);
    for (const { key, message } of said.proposals) {
      if (message.round >= round && message.sender !== node) yield { what: `proposal ${key}`, key, inputs: [message] };
    }
  }

  *#votes(
    { messages, committed }: Said,
    node: number,
    { round, acceptedHash, hasCommitted }: LocalOutcome,
  ): Iterable<Step> {
    if (acceptedHash !== undefined && !hasCommitted) {
      const inputs = this.#sayable.votesFor(messages, 'prepare', round, acceptedHash, node);
      const key = `prepares of ${round}`;
      if (inputs.length >= QUORUM - 1) yield { what: key, key, inputs };
    }
    for (const [commitRound, hash] of committed) {
      const inputs = this.#sayable.votesFor(messages, 'commit', commitRound, hash, node);
      const what = `commits of ${commitRound}`;
      if (inputs.length >= QUORUM - 1) yield { what, key: `${what} ${toHex(hash)}`, inputs };
    }
  }

  // ---- what must never be

  #violation(ids: readonly number[], said: number): string | undefined {
    const outcomes = ids.map((id) => (this.#locals[id] as Local).outcome);
    const fault = outcomes.find((outcome) => outcome.fault !== undefined)?.fault;
    if (fault !== undefined) return `a validator stops: ${fault}`;
    const decided = outcomes.flatMap((outcome) => (outcome.decided === undefined ? [] : [outcome.decided]));
    if (decided.some((hash) => !equalBytes(hash, decided[0] as Hash))) return 'two blocks are decided';
    return this.#saids[said]?.violation;
  }
}

/** f + 1 of others make a validator jump, and are q with its own. */
function* roundChangePairs({ roundChanges }: Said, node: number, round: number): Iterable<Step> {
  const all = roundChanges.filter(({ message }) => message.sender !== node && message.round >= round);
  for (const [position, first] of all.entries()) {
    for (const second of all.slice(position + 1)) {
      if (second.message.sender === first.message.sender) continue;
      const key = `${first.key} ${second.key}`;
      yield { what: `round changes ${key}`, key, inputs: [first.message, second.message] };
    }
  }
}
