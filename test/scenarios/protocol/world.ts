import type { InputBody, SignedMessage } from '../../../consensus/types.js';
import type { Hash } from '../../../primitives/bytes.js';
import type { Address, BlockHeader, Certificate, Validator } from '../../../primitives/types.js';
import type { Checker } from './checker.js';

/** A block's body, as far as the protocol can tell bodies apart: whether it executes to the roots of its header. */
export interface TestBody {
  readonly blockHash: Hash;
  readonly header: BlockHeader;
  readonly isValid: boolean;
}

export interface CommittedBlock {
  readonly body: TestBody;
  readonly certificate: Certificate;
}

/** What nodes send each other. */
export type Packet =
  | { readonly type: 'consensus'; readonly message: SignedMessage }
  | { readonly type: 'certificate'; readonly certificate: Certificate; readonly from: number | undefined }
  | { readonly type: 'bodyRequest'; readonly blockHash: Hash }
  | { readonly type: 'bodyAnswer'; readonly body: TestBody }
  | { readonly type: 'syncRequest'; readonly fromHeight: number }
  | { readonly type: 'syncAnswer'; readonly blocks: readonly CommittedBlock[] };

/** What a node does apart from its protocol; a crash undoes what has not happened yet. */
export type Work = 'persist' | 'send' | 'build' | 'execute' | 'commit';
export type TimerName = 'round' | 'interval' | 'heartbeat' | 'body';

/** A node, as its world knows it. */
export interface Inhabitant {
  readonly id: number;
  readonly isUp: boolean;
  /** Counts its restarts: works and timers of an earlier life are lost. */
  readonly life: number;
  crash(): void;
  input(body: InputBody): void;
  receive(from: Inhabitant, packet: Packet): void;
}

/** Where nodes live: it owns time, the network, and when work is done. */
export interface World {
  readonly checker: Checker;
  clockMs(node: Inhabitant): number;
  /** Runs later, the works of one kind and node in their order, unless the node crashes before. */
  work(node: Inhabitant, kind: Work, run: () => void): void;
  transmit(from: Inhabitant, to: Inhabitant, packet: Packet): void;
  startTimer(node: Inhabitant, name: TimerName, delayMs: number, input: InputBody): void;
  stopTimer(node: Inhabitant, name: TimerName): void;
  /** Nodes that run with a validator's key: one, unless its holder cheats. */
  nodesOf(address: Address): readonly Inhabitant[];
  /** The list that decides a height. */
  validatorsAt(height: number): readonly Validator[];
  /** A number that no other block of this world has. */
  nextContent(): number;
}
