import { startConsensus, step } from '../../../consensus/consensus.js';
import { decodeJournalRecord, emptyRecord, encodeJournalRecord } from '../../../consensus/journalRecord.js';
import { decodeMessage, encodeMessage, isSigned } from '../../../consensus/messageCodec.js';
import type { ConsensusState } from '../../../consensus/state.js';
import type {
  BuildBlockEffect,
  ConsensusConfig,
  ConsensusHead,
  Effect,
  ExecuteBlockEffect,
  InputBody,
  JournalRecord,
  PersistEffect,
  SignedMessage,
  Status,
  Vote,
} from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import { equalBytes, type Hash, type Hex, toHex } from '../../../primitives/bytes.js';
import type { Evidence } from '../../../primitives/evidence.js';
import type { Validator } from '../../../primitives/types.js';
import { validatorsHash } from '../../../primitives/validator.js';
import { childHeader, genesisHead, isAuthentic, isStandInCertificate, keyAt, signAs } from './fixture.js';
import type { CommittedBlock, Inhabitant, Packet, TestBody, World } from './world.js';

/** What survives a crash. */
export interface Disk {
  record: JournalRecord;
  readonly chain: CommittedBlock[];
  readonly bodies: Map<Hex, TestBody>;
}

const BLOCKS_PER_ANSWER = 8;
const BODY_TIMEOUT_MS = 100;

/** The host of one protocol instance: it carries out effects as the engine does, in the time of its world. */
export class SimulatedNode implements Inhabitant {
  readonly disk: Disk = { record: emptyRecord(0), chain: [], bodies: new Map() };
  /** Undefined while it is down. */
  state: ConsensusState | undefined;
  /** Counts the lives: works of an earlier one are lost. */
  life = 0;
  isWorkPending = true;
  readonly refusals: string[] = [];
  readonly evidence: Evidence[] = [];
  /** Executions whose body is still to come. */
  #waiting = new Map<Hex, ExecuteBlockEffect>();
  #wanted = new Set<Hex>();
  #genesis: ConsensusHead | undefined;
  #hashed: { readonly list: readonly Validator[]; readonly hash: Hash } | undefined;

  constructor(
    readonly id: number,
    readonly config: ConsensusConfig,
    readonly world: World,
    /** Its holder cheats: nothing is expected of it. */
    readonly isFaulty = false,
  ) {}

  get isUp(): boolean {
    return this.state !== undefined;
  }

  /** Height of its newest block on disk. */
  get height(): number {
    return this.disk.chain.length;
  }

  /** Its newest block, and who decides the next. */
  get head(): ConsensusHead {
    const validators = this.world.validatorsAt(this.height + 1);
    const newest = this.disk.chain.at(-1)?.body;
    if (newest !== undefined) return { header: newest.header, blockHash: newest.blockHash, validators };
    this.#genesis ??= genesisHead(validators);
    return this.#genesis;
  }

  #listHash(height: number): Hash {
    const list = this.world.validatorsAt(height);
    if (this.#hashed?.list !== list) this.#hashed = { list, hash: validatorsHash(list) };
    return this.#hashed.hash;
  }

  /** Starts as after the loss of its journal: nothing is known of what it signed. */
  startWithoutRecord(): void {
    this.#startWith(undefined);
  }

  start(): void {
    this.#startWith(this.disk.record);
  }

  #startWith(record: JournalRecord | undefined): void {
    this.#waiting = new Map();
    this.#wanted = new Set();
    const { state, effects } = startConsensus(this.config, {
      nowMs: this.world.clockMs(this),
      head: this.head,
      record,
      bodies: [...this.disk.bodies.values()],
      workPending: this.isWorkPending,
    });
    this.state = state;
    this.#perform(effects);
  }

  crash(): void {
    this.state = undefined;
    this.life++;
    for (const timer of ['round', 'interval', 'heartbeat', 'body'] as const) this.world.stopTimer(this, timer);
  }

  input(body: InputBody): void {
    if (this.state === undefined) return;
    this.#perform(step(this.state, { ...body, nowMs: this.world.clockMs(this) }));
  }

  setWorkPending(isPending: boolean): void {
    this.isWorkPending = isPending;
    this.input({ type: 'workPending', pending: isPending });
  }

  // ---- effects

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        this.#persist(effect);
        return;
      case 'sendStatus':
        this.#broadcast(this.#sign(effect.status));
        return;
      case 'resend':
        for (const message of effect.messages) this.#broadcast(message);
        return;
      case 'sendTo':
        for (const message of effect.messages) {
          this.#send(effect.to, { type: 'consensus', message: throughTheWire(message) });
        }
        return;
      case 'sendCertificate': {
        const block = this.disk.chain[effect.height - 1];
        if (block === undefined) return;
        this.#send(effect.to, { type: 'certificate', certificate: block.certificate, from: this.#index() });
        return;
      }
      case 'scheduleTimer': {
        const { height, round, durationMs } = effect;
        this.world.startTimer(this, 'round', durationMs, { type: 'timeout', height, round });
        return;
      }
      case 'cancelTimer':
        this.world.stopTimer(this, 'round');
        return;
      case 'scheduleProposal':
        this.#scheduleProposal('interval', effect.height, effect.intervalMs);
        this.#scheduleProposal('heartbeat', effect.height, effect.heartbeatMs);
        return;
      case 'buildBlock':
        this.world.work(this, 'build', () => this.#build(effect));
        return;
      case 'executeBlock':
        this.#execute(effect);
        return;
      case 'fetchBody':
        this.#fetch(effect.blockHash, effect.from);
        return;
      case 'releaseBody':
        this.disk.bodies.delete(toHex(effect.blockHash));
        return;
      case 'commitBlock': {
        const body = this.disk.bodies.get(toHex(effect.blockHash));
        const block = body === undefined ? undefined : { body, certificate: effect.certificate };
        if (block === undefined) throw new Error(`node ${this.id} commits a block whose body it does not have`);
        this.world.work(this, 'commit', () => this.commit(block));
        return;
      }
      case 'requestSync':
        this.#requestSync(effect.from);
        return;
      case 'reportEvidence':
        this.evidence.push(effect.evidence);
        return;
      case 'refused':
        this.refusals.push(effect.code);
        return;
    }
  }

  #scheduleProposal(reason: 'interval' | 'heartbeat', height: number, delayMs: number): void {
    this.world.startTimer(this, reason, delayMs, { type: 'proposalDue', height, reason });
  }

  /** Write and sync, then sign, release and give back. */
  #persist({ record, thenSend }: PersistEffect): void {
    const bytes = encodeJournalRecord(record);
    const list = this.world.validatorsAt(record.height);
    this.world.work(this, 'persist', () => {
      this.disk.record = decodeJournalRecord(bytes);
      this.world.work(this, 'send', () => {
        for (const vote of thenSend) this.#release(vote, record, list);
      });
    });
  }

  #release(vote: Vote, record: JournalRecord, list: readonly Validator[]): void {
    if (!this.isFaulty) this.world.checker.signed(this.id, vote, record, list);
    const index = list.findIndex((validator) => validator.address === this.config.address);
    const message = signAs(index, vote, keyAt(list, index));
    this.#broadcast(message);
    this.input({ type: 'message', message });
  }

  #build({ height, round, proposer, timestamp }: BuildBlockEffect): void {
    const nextList = this.#listHash(height + 1);
    const head = this.head;
    if (head.header.height + 1 !== height) return;
    const header = childHeader(head, { proposer, timestamp, content: this.world.nextContent() }, nextList);
    const blockHash = headerHash(header);
    this.disk.bodies.set(toHex(blockHash), { blockHash, header, isValid: true });
    this.input({ type: 'built', height, round, blockHash, header });
  }

  #execute(effect: ExecuteBlockEffect): void {
    const body = this.disk.bodies.get(toHex(effect.blockHash));
    if (body !== undefined) {
      this.#executeBody(effect, body);
      return;
    }
    this.#waiting.set(toHex(effect.blockHash), effect);
    this.#ask(effect.blockHash, effect.from);
    const { height, round, blockHash, header } = effect;
    const outcome = 'unavailable';
    this.world.startTimer(this, 'body', BODY_TIMEOUT_MS, {
      type: 'executed',
      height,
      round,
      blockHash,
      header,
      outcome,
    });
  }

  #executeBody({ height, round, blockHash, header }: ExecuteBlockEffect, body: TestBody): void {
    const outcome = body.isValid ? 'valid' : 'invalid';
    this.world.stopTimer(this, 'body');
    this.world.work(this, 'execute', () => this.input({ type: 'executed', height, round, blockHash, header, outcome }));
  }

  #fetch(blockHash: Hash, from: readonly number[]): void {
    const body = this.disk.bodies.get(toHex(blockHash));
    if (body !== undefined) {
      this.input({ type: 'bodyAvailable', blockHash, header: body.header });
      return;
    }
    this.#wanted.add(toHex(blockHash));
    this.#ask(blockHash, from);
  }

  #ask(blockHash: Hash, from: readonly number[]): void {
    for (const validator of from) this.#send(validator, { type: 'bodyRequest', blockHash });
  }

  /** Writes a block; the next height begins. */
  commit(block: CommittedBlock): void {
    const { header, blockHash } = block.body;
    if (header.height !== this.height + 1) return;
    const list = this.world.validatorsAt(header.height);
    if (!this.isFaulty) {
      this.world.checker.decided(this.id, header.height, blockHash, block.certificate, list);
    }
    this.disk.chain.push(block);
    for (const [key, body] of this.disk.bodies) if (body.header.height <= header.height) this.disk.bodies.delete(key);
    this.input({ type: 'committed', head: this.head });
  }

  #requestSync(from: readonly number[]): void {
    const asked = from.length > 0 ? from : this.head.validators.map((_, index) => index);
    for (const index of asked) this.#send(index, { type: 'syncRequest', fromHeight: this.height + 1 });
  }

  // ---- network

  #index(): number {
    return this.head.validators.findIndex((validator) => validator.address === this.config.address);
  }

  #sign(status: Status): SignedMessage {
    const index = this.#index();
    return signAs(index, status, keyAt(this.head.validators, index));
  }

  #broadcast(message: SignedMessage): void {
    const packet: Packet = { type: 'consensus', message: throughTheWire(message) };
    for (let index = 0; index < this.head.validators.length; index++) this.#send(index, packet);
  }

  #send(index: number, packet: Packet): void {
    const address = this.head.validators[index]?.address;
    if (address === undefined) return;
    for (const node of this.world.nodesOf(address)) if (node !== this) this.world.transmit(this, node, packet);
  }

  /** A packet arrives. */
  receive(from: Inhabitant, packet: Packet): void {
    if (this.state === undefined) return;
    switch (packet.type) {
      case 'consensus':
        if (isAuthentic(packet.message, this.head.validators)) {
          this.input({ type: 'message', message: packet.message });
        }
        return;
      case 'certificate': {
        const { certificate } = packet;
        if (!isStandInCertificate(certificate, this.world.validatorsAt(certificate.height))) return;
        this.input({ type: 'certificate', certificate, from: packet.from });
        return;
      }
      case 'bodyRequest': {
        const body = this.#findBody(packet.blockHash);
        if (body === undefined) return;
        this.world.transmit(this, from, { type: 'bodyAnswer', body });
        return;
      }
      case 'bodyAnswer':
        this.#receiveBody(packet.body);
        return;
      case 'syncRequest': {
        const blocks = this.disk.chain.slice(packet.fromHeight - 1, packet.fromHeight - 1 + BLOCKS_PER_ANSWER);
        if (blocks.length > 0) this.world.transmit(this, from, { type: 'syncAnswer', blocks });
        return;
      }
      case 'syncAnswer':
        for (const block of packet.blocks) this.#applySynced(block);
        return;
    }
  }

  #findBody(blockHash: Hash): TestBody | undefined {
    const committed = this.disk.chain.find(({ body }) => equalBytes(body.blockHash, blockHash));
    return this.disk.bodies.get(toHex(blockHash)) ?? committed?.body;
  }

  #receiveBody(body: TestBody): void {
    const key = toHex(body.blockHash);
    const waiting = this.#waiting.get(key);
    const isWanted = this.#wanted.has(key);
    if (waiting === undefined && !isWanted) return;
    this.#waiting.delete(key);
    this.#wanted.delete(key);
    if (body.header.height <= this.height) return;
    this.disk.bodies.set(key, body);
    if (isWanted) this.input({ type: 'bodyAvailable', blockHash: body.blockHash, header: body.header });
    if (waiting !== undefined) this.#executeBody(waiting, body);
  }

  #applySynced(block: CommittedBlock): void {
    const { height } = block.body.header;
    if (height !== this.height + 1) return;
    if (isStandInCertificate(block.certificate, this.world.validatorsAt(height))) this.commit(block);
  }
}

/** Encoded and decoded, as between two machines. */
function throughTheWire(message: SignedMessage): SignedMessage {
  const compact = message.type === 'proposal' ? { ...message, leafHashes: [] } : message;
  const decoded = decodeMessage(encodeMessage(compact));
  if (!isSigned(decoded)) throw new Error('a message stays what it is');
  return decoded;
}
