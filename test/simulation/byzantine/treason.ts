import { encodeMessage, isSigned, type WireMessage } from '../../../consensus/messageCodec.js';
import { decodeRequest, type PeerRequest } from '../../../node/engine/requestCodec.js';
import type { Network, NetworkHandlers } from '../../../node/network/types.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { SimulatedNode, Surgery } from '../world/node.js';
import type { Random } from '../world/random.js';
import type { Behaviour } from './behaviour.js';
import { certificateForger, syncLiar } from './lies.js';
import { equivocator, invalidProposer, serveHidden } from './proposals.js';
import { readMessage, Traitor } from './traitor.js';
import { amnesiac, doubleVoter, farFuture, impersonator, replayer, withholder } from './votes.js';

/** Some of the ways to be faulty, at least one. */
export function drawBehaviours(random: Random): readonly Behaviour[] {
  const all = [
    () => equivocator(random),
    () => doubleVoter(random),
    () => impersonator(random),
    () => withholder(random),
    () => invalidProposer(random),
    () => amnesiac(),
    () => certificateForger(),
    () => farFuture(),
    () => syncLiar(random),
    () => replayer(),
  ];
  const chosen = all.filter(() => random.chance(0.35));
  return (chosen.length > 0 ? chosen : [all[random.integer(0, all.length - 1)]]).flatMap((make) => make?.() ?? []);
}

const ACT_EVERY_MS = 400;

/** What makes a node's holder faulty in these ways, over all its lives. */
export function treason(behaviours: readonly Behaviour[]): Surgery {
  const all = [...behaviours, serveHidden()];
  /** The traitor of a node's newest life. */
  let traitor: Traitor | undefined;
  return {
    network: (inner, node) => {
      traitor = new Traitor(node, inner);
      return disloyal(inner, all, () => traitor);
    },
    handlers: (inner) => listening(inner, all, () => traitor),
    started: (_core, node) => act(node, all, () => traitor),
  };
}

type Whose = () => Traitor | undefined;

function act(node: SimulatedNode, behaviours: readonly Behaviour[], whose: Whose): void {
  const { life } = node;
  const { time } = node.ground;
  const next = (): void => {
    time.after(node.random.next() * 2 * ACT_EVERY_MS, () => {
      const traitor = whose();
      if (life?.isAlive !== true || traitor === undefined) return;
      for (const behaviour of behaviours) behaviour.acts?.(traitor);
      next();
    });
  };
  next();
}

/** The network with what the engine sends changed for each peer. */
function disloyal(inner: Network, behaviours: readonly Behaviour[], whose: Whose): Network {
  const send = (peerId: string, key: string, bytes: Uint8Array): void => {
    const traitor = whose();
    const message = readMessage(bytes);
    if (traitor === undefined || message === undefined) return;
    for (const each of changed(message, peerId, behaviours, traitor)) {
      inner.sendConsensus(peerId, key, each === message ? bytes : encodeMessage(each));
    }
  };
  return {
    peerId: inner.peerId,
    start: () => inner.start(),
    stop: () => inner.stop(),
    setPeers: (peers) => inner.setPeers(peers),
    connectedPeers: () => inner.connectedPeers(),
    broadcastConsensus: (key, message) => {
      for (const peerId of inner.connectedPeers()) send(peerId, key, message);
    },
    sendConsensus: send,
    broadcastTransactions: (transactions) => inner.broadcastTransactions(transactions),
    request: (peerId, request, timeoutMs) => inner.request(peerId, request, timeoutMs),
    penalise: (peerId, reason) => inner.penalise(peerId, reason),
  };
}

function changed(
  message: WireMessage,
  peerId: string,
  behaviours: readonly Behaviour[],
  traitor: Traitor,
): readonly WireMessage[] {
  let messages: readonly WireMessage[] = [message];
  for (const { outgoing } of behaviours) {
    if (outgoing !== undefined) messages = messages.flatMap((each) => outgoing(each, peerId, traitor));
  }
  return messages;
}

function listening(inner: NetworkHandlers, behaviours: readonly Behaviour[], whose: Whose): NetworkHandlers {
  return {
    onConsensus: (peerId, bytes) => {
      const traitor = whose();
      const message = readMessage(bytes);
      traitor?.hear(peerId, bytes);
      if (traitor !== undefined && message !== undefined) {
        for (const behaviour of behaviours) behaviour.hears?.(message, peerId, traitor);
      }
      // Its engine would stop at the sight of what the hand signed (PROTOCOL §Journal J8): its holder does not let it see.
      if (traitor === undefined || message === undefined || !betrays(message, traitor))
        inner.onConsensus(peerId, bytes);
    },
    onTransactions: (peerId, transactions) => inner.onTransactions(peerId, transactions),
    onRequest: (peerId, bytes) => {
      const request = readRequest(bytes);
      const traitor = whose();
      for (const behaviour of request === undefined || traitor === undefined ? [] : behaviours) {
        const answer = behaviour.answers?.(request as PeerRequest, peerId, traitor as Traitor);
        if (answer !== undefined) return answer;
      }
      return inner.onRequest(peerId, bytes);
    },
    onConnected: (peerId) => inner.onConnected(peerId),
    onDisconnected: (peerId) => inner.onDisconnected(peerId),
  };
}

/** True for a message that shows the traitor's own signature outside of what its engine keeps. */
function betrays(message: WireMessage, { node }: Traitor): boolean {
  const { index, bank } = node.options;
  if (message.type === 'evidence') return message.evidence.validator === bank.key.address;
  return isSigned(message) && message.sender === index;
}

function readRequest(bytes: Uint8Array): PeerRequest | undefined {
  try {
    return decodeRequest(bytes);
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
