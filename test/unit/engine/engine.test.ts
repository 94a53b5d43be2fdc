import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeMessage, encodeMessage, isSigned, type WireMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { Signed, Vote } from '../../../consensus/types.js';
import { BodyStore } from '../../../node/engine/bodyStore.js';
import { ExecutionError } from '../../../node/execution/errors.js';
import { InvariantError } from '../../../primitives/errors.js';
import { verifyEvidence } from '../../../primitives/evidence.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { utf8Encode } from '../../../primitives/text.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import { GENESIS_HASH, type TestValidator } from '../../support/finalityFixture.js';
import { backend } from './support/chain.js';
import { Cluster, type ClusterNode, type ClusterOptions, until } from './support/cluster.js';
import { silentLogger } from './support/ports.js';

/** Where a leader is away: its round is over soon. */
const SHORT_ROUNDS = { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 };

function isVote(message: WireMessage): message is WireMessage & Signed<Vote> {
  return isSigned(message) && message.type !== 'status';
}

describe('the engine', function () {
  // A busy machine may take its time; nothing here depends on it.
  this.timeout(30_000);
  let cluster: Cluster;
  afterEach(() => cluster.close());

  async function start(options: ClusterOptions = {}): Promise<void> {
    cluster = await Cluster.started(options);
  }

  /** Submits one transaction to all and waits until it is final on the given nodes. */
  async function settle(text: string, nodes: readonly ClusterNode[] = cluster.nodes): Promise<void> {
    cluster.submit(text);
    await until(`${text} is final`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  it('finalises what is submitted, the same on every validator', async () => {
    await start();
    for (let i = 0; i < 10; i++) await settle(`payment ${i}`);
    expect(cluster.height(cluster.node(0))).to.equal(10);
  });

  it('finalises on one validator alone', async () => {
    await start({ validators: 1 });
    await settle('payment');
  });

  it('decides empty blocks when the heartbeat is due and nothing else', async () => {
    await start({ parameters: { heartbeatMs: 50 } });
    await until('there are three blocks', () => cluster.nodes.every((node) => cluster.height(node) >= 3));
  });

  it('decides nothing while there is nothing to decide', async () => {
    await start();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(cluster.nodes.map((node) => cluster.height(node))).to.deep.equal([0, 0, 0, 0]);
  });

  it('goes on without one validator, whichever leads, and brings it back when it returns', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    for (const [position, node] of cluster.nodes.entries()) {
      await cluster.stop(node);
      const others = cluster.nodes.filter((other) => other !== node);
      for (let i = 0; i < 2; i++) await settle(`without ${position}, ${i}`, others);
      await cluster.start(node);
      await until('it has caught up', () => cluster.height(node) === cluster.height(others[0] as ClusterNode));
      await settle(`with ${position} again`);
    }
  });

  it('finalises nothing without a quorum, and goes on by itself when there is one again', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const [first, second] = [cluster.node(0), cluster.node(1)];
    await cluster.stop(first);
    await cluster.stop(second);
    const height = cluster.height(cluster.node(2));
    cluster.submit('waiting');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(cluster.height(cluster.node(2))).to.equal(height);
    await cluster.start(second);
    await until('it is final', () => cluster.nodes.slice(1).every((node) => cluster.includes(node, 'waiting')));
  });

  it('sees who is silent, who is back, and who signs, on validators and observers alike', async () => {
    await start({ parameters: SHORT_ROUNDS, observers: 1, limits: { silentMs: 400 } });
    await settle('before');
    const [watched] = [cluster.node(1)];
    const seenBy = (position: number) => cluster.node(position).engine?.validators()[1];
    await until('it is heard', () => seenBy(0)?.heardAgoMs !== undefined && seenBy(4)?.heardAgoMs !== undefined);
    expect(seenBy(0)).to.include({ member: 'BANKV1', isSilent: false, isConnected: true });
    await cluster.stop(watched);
    await until('it is seen as silent', () => [0, 2, 3, 4].every((position) => seenBy(position)?.isSilent === true));
    expect(seenBy(0)?.isConnected).to.equal(false);
    const others = cluster.nodes.filter((node) => node !== watched);
    for (let i = 0; i < 5; i++) await settle(`without it ${i}`, others);
    expect(seenBy(0)?.missedTurns).to.be.greaterThan(0);
    expect(cluster.node(2).engine?.validators()[0]?.signed).to.be.greaterThan(0);
    await cluster.start(watched);
    await until('it is back', () => [0, 2, 3, 4].every((position) => seenBy(position)?.isSilent === false));
  });

  it('goes on after all validators were stopped at once', async () => {
    await start();
    await settle('before');
    cluster.submit('in flight');
    await Promise.all(cluster.nodes.map((node) => cluster.stop(node)));
    await Promise.all(cluster.nodes.map((node) => cluster.start(node)));
    await settle('after');
  });

  // PROTOCOL §What is asked N5.
  it('lets an observer follow each block as it is decided, and a second one that comes late', async () => {
    cluster = await Cluster.create({ observers: 2 });
    const [early, late] = [cluster.node(4), cluster.node(5)];
    for (const node of cluster.nodes.slice(0, 5)) await cluster.start(node);
    for (let i = 0; i < 7; i++) await settle(`payment ${i}`, cluster.nodes.slice(0, 5));
    expect(early.engine?.status().mode).to.equal('following');
    await cluster.start(late);
    await until('it has caught up', () => cluster.includes(late, 'payment 6'));
    await settle('payment 7');
  });

  it('lets an observer find out by itself when the word about a block is lost', async () => {
    await start({ observers: 1 });
    cluster.bus.filter = (_, to) => to !== 'o0';
    await settle('payment');
  });

  it('pulls the transactions of a proposal that it does not have', async () => {
    await start({ parameters: { roundTimeoutBaseMs: 5_000, roundTimeoutCapMs: 5_000 } });
    await settle('known to all');
    const leader = cluster.node((cluster.height(cluster.node(0)) + 1) % 4);
    cluster.submit('known to the leader alone', [leader]);
    await until('it is final', () =>
      cluster.nodes.every((node) => cluster.includes(node, 'known to the leader alone')),
    );
  });

  it('gives no Prepare to a block with a transaction whose signature is not valid', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const leader = cluster.node((cluster.height(cluster.node(0)) + 1) % 4);
    leader.mempool.add(Uint8Array.of(0xff, 1));
    await settle('good', cluster.nodes);
    const blocks = cluster.nodes.flatMap(({ store }) => store.blocks);
    expect(blocks.some(({ block }) => block.transactions.some(([first]) => first === 0xff))).to.equal(false);
  });

  it('keeps a transaction on which the host fails out of its own proposals, and goes on', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const poison = utf8Encode('poison');
    const isPoisonous = (transactions: readonly Uint8Array[]): boolean =>
      transactions.some((bytes) => bytes.length === poison.length);
    for (const { executor } of cluster.nodes) {
      executor.fault = ({ transactions }) =>
        isPoisonous(transactions)
          ? { valid: false, code: 'HOST_EXCEPTION', message: 'out of memory', transactionId: poison }
          : undefined;
    }
    const leader = cluster.node((cluster.height(cluster.node(0)) + 1) % 4);
    leader.mempool.add(poison);
    await settle('a good one', cluster.nodes);
    const refusers = cluster.nodes.filter(({ mempool }) =>
      mempool.rejected.some(({ code }) => code === 'HOST_EXCEPTION'),
    );
    expect(refusers).not.to.include(leader);
    expect(refusers).to.have.length(3);
  });

  it('stops for good, once, and sends nothing more when its journal cannot be written', async () => {
    cluster = await Cluster.create({ parameters: SHORT_ROUNDS });
    const node = cluster.node(2);
    let diskIsFull = false;
    node.journalDisk = (file) => ({
      writeDurably: async (bytes, position) => {
        if (!diskIsFull) return file.writeDurably(bytes, position);
        sent.length = 0;
        throw new RangeError('the disk is full');
      },
      close: () => file.close(),
    });
    await Promise.all(cluster.nodes.map((each) => cluster.start(each)));
    await settle('before');
    const sent: string[] = [];
    cluster.bus.filter = (from) => {
      if (from === node.peerId) sent.push(from);
      return true;
    };
    diskIsFull = true;
    const others = cluster.nodes.filter((other) => other !== node);
    for (let i = 0; i < 4; i++) await settle(`payment ${i}`, others);
    expect(node.fatal).to.have.length(1);
    expect(sent).to.deep.equal([]);
    expect(node.engine?.status().mode).to.equal('stopped');
    node.fatal.length = 0;
    diskIsFull = false;
    await cluster.stop(node);
    await cluster.start(node);
    await settle('after');
  });

  it('stops for good when a decided block cannot be committed', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const node = cluster.node(1);
    node.executor.commit = async () => {
      throw new InvariantError('a decided block has another state root here');
    };
    const others = cluster.nodes.filter((other) => other !== node);
    for (let i = 0; i < 3; i++) await settle(`payment ${i}`, others);
    await until('it has stopped', () => node.engine?.status().mode === 'stopped');
    expect(node.fatal).to.have.length(1);
    expect(cluster.height(node)).to.equal(1);
    node.fatal.length = 0;
    await cluster.stop(node);
    await cluster.start(node);
    await settle('after');
  });

  it('signs nothing while it is paused, follows all the same, and goes on when told', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const node = cluster.node(0);
    await node.engine?.pauseSigning();
    expect(node.engine?.status().mode).to.equal('paused');
    const spoke: string[] = [];
    cluster.bus.filter = (from) => {
      spoke.push(from);
      return true;
    };
    for (let i = 0; i < 5; i++) await settle(`paused ${i}`);
    expect(spoke).not.to.include(node.peerId);
    node.engine?.resumeSigning();
    await settle('resumed');
    expect(node.engine?.status().mode).to.equal('validating');
    await until('it speaks', () => spoke.includes(node.peerId));
  });

  it('goes on when its executor has no time to look up what a peer behind needs', async () => {
    await start({ parameters: SHORT_ROUNDS });
    for (let i = 0; i < 3; i++) await settle(`payment ${i}`);
    const [node, key] = [cluster.node(0), cluster.keys[2] as TestValidator];
    let refusals = 0;
    node.executor.blocks = async () => {
      refusals++;
      throw new ExecutionError('EXECUTOR_BUSY', 'expected room for a query, found none');
    };
    const status = { type: 'status', height: 1, round: 0 } as const;
    const signature = backend.sign(messageDigest(GENESIS_HASH, status), key.privateKey);
    cluster.bus.member(node.peerId)?.handlers.onConsensus('v2', encodeMessage({ ...status, sender: 2, signature }));
    await until('it was asked', () => refusals > 0);
    await settle('after');
    expect(node.engine?.status().mode).to.equal('validating');
  });

  it('tells its listeners of every commit in order, and goes on when one of them fails', async () => {
    await start();
    const heights: number[] = [];
    const engine = cluster.node(0).engine;
    engine?.onCommit(() => {
      throw new RangeError('a broken listener');
    });
    const end = engine?.onCommit(({ head }) => heights.push(head.header.height));
    for (let i = 0; i < 3; i++) await settle(`payment ${i}`);
    end?.();
    await settle('unheard');
    expect(heights).to.deep.equal([1, 2, 3]);
  });

  it('keeps what proves that a validator signed two things', async () => {
    await start();
    await settle('before');
    const [witness, culprit] = [cluster.node(0), cluster.keys[2] as TestValidator];
    const height = cluster.height(witness) + 1;
    const votes = [1, 2].map((fill) => {
      const vote = { type: 'prepare', height, round: 0, blockHash: new Uint8Array(32).fill(fill) } as const;
      const signature = backend.sign(messageDigest(GENESIS_HASH, vote), culprit.privateKey);
      return encodeMessage({ ...vote, sender: 2, signature });
    });
    for (const vote of votes) cluster.bus.member(witness.peerId)?.handlers.onConsensus('v2', vote);
    // One node alone heard both.
    const keeps = ({ engine }: ClusterNode): boolean => engine?.evidence().length === 1;
    await until('everybody keeps it', () => cluster.nodes.every(keeps));
    const [kept] = witness.engine?.evidence() ?? [];
    expect(kept?.evidence).to.include({ kind: 'doubleSign', validator: culprit.address });
    if (kept !== undefined) verifyEvidence(kept.evidence, culprit.publicKey, GENESIS_HASH, backend);
    await cluster.stop(witness);
    await cluster.start(witness);
    expect(witness.engine?.evidence()).to.deep.equal([kept]);
    // Whose key it is did not sign them.
    await until('the accused stops', () => cluster.node(2).fatal.length > 0);
    expect(cluster.node(2).fatal.splice(0)[0]).to.include({ code: 'KEY_USED_ELSEWHERE' });
  });

  // PROTOCOL §Evidence E8.
  it('shows evidence to validators and observers, to those that come later, too, and counts a forger as one that lies', async () => {
    await start({ observers: 2 });
    const [accuser, late] = [cluster.node(0), cluster.node(5)];
    await cluster.stop(late);
    const evidence = doublePrepare(cluster.keys[2] as TestValidator, 1);
    const say = (shown: typeof evidence): void =>
      cluster.bus
        .member(accuser.peerId)
        ?.handlers.onConsensus('v3', encodeMessage({ type: 'evidence', evidence: shown }));
    say({ ...evidence, validator: (cluster.keys[1] as TestValidator).address });
    await until('the forger is penalised', () => cluster.bus.penalised.length > 0);
    expect(cluster.bus.penalised).to.deep.equal(['v0 v3 EVIDENCE_INVALID']);
    expect(accuser.engine?.evidence()).to.deep.equal([]);
    say(evidence);
    await until('it is kept', () => accuser.engine?.evidence().length === 1);
    await cluster.start(late);
    await until('who connects is shown it', () => late.engine?.evidence().length === 1);
  });

  // PROTOCOL §Journal J6.
  it('signs nothing below its journal when its chain was lost', async () => {
    await start({ parameters: SHORT_ROUNDS });
    for (let i = 0; i < 4; i++) await settle(`payment ${i}`);
    const node = cluster.node(1);
    await cluster.stop(node);
    const signedHeight = cluster.height(node);
    node.store.blocks.length = 0;
    const votes: number[] = [];
    cluster.bus.filter = (from, _, bytes) => {
      const message = decodeMessage(bytes);
      if (from === node.peerId && isVote(message)) votes.push(message.height);
      return true;
    };
    await cluster.start(node);
    for (let i = 4; i < 7; i++) await settle(`payment ${i}`);
    await until('it votes', () => votes.length > 0);
    expect(Math.min(...votes)).to.be.at.least(signedHeight);
  });

  // PROTOCOL §Journal J2: the vote after the one that the disk holds up names the same body.
  it('keeps the body of a block that sync commits while a vote for it waits for the disk', async () => {
    await start({ parameters: SHORT_ROUNDS });
    await settle('before');
    const node = cluster.node(3);
    await cluster.stop(node);
    let release: () => void = () => undefined;
    let [isSlow, isHeld] = [false, false];
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    node.journalDisk = (file) => ({
      writeDurably: async (bytes, position) => {
        isHeld = isSlow;
        if (isSlow) await held;
        await file.writeDurably(bytes, position);
      },
      close: () => file.close(),
    });
    await cluster.start(node);
    await settle('while its disk is well');
    isSlow = true;
    cluster.submit('while its disk stands still');
    await until('its vote waits for the disk', () => isHeld);
    const votedHeight = cluster.height(node) + 1;
    const bodies = async (): Promise<number> => {
      const options = { directory: join(node.home, 'bodies'), maxBodies: 64 };
      const store = await BodyStore.open(options, { hasher: pureHasher, logger: silentLogger }, votedHeight - 1);
      await store.close();
      return store.size;
    };
    expect(await bodies()).to.equal(1);
    for (let i = 0; i < 3; i++) await settle(`meanwhile ${i}`, cluster.nodes.slice(0, 3));
    await until('sync has passed its vote', () => cluster.height(node) > votedHeight);
    expect(await bodies()).to.equal(1);
    release();
    await settle('after');
    await until(
      'what is decided is deleted',
      () => node.engine?.status().consensus?.height === cluster.height(node) + 1,
    );
    expect(node.fatal).to.deep.equal([]);
  });

  it('finds the block that changes the list although nobody keeps the index that it knows', async () => {
    // From height 3 on without validator 0, and three of the four others decide: one of them is down.
    await start({
      validators: 5,
      parameters: SHORT_ROUNDS,
      listAt: (height) => (height < 3 ? [0, 1, 2, 3, 4] : [1, 2, 3, 4]),
    });
    await settle('before');
    const [first, second, late, away] = [1, 2, 3, 4].map((number) => cluster.node(number));
    if (first === undefined || second === undefined || late === undefined || away === undefined) return;
    cluster.bus.filter = (_, to, bytes) => {
      const { type } = decodeMessage(bytes);
      return to !== late.peerId || (type !== 'commit' && type !== 'certificate');
    };
    const decided = [cluster.node(0), first, second, away];
    await settle('the change', decided);
    await cluster.stop(away);
    expect(cluster.height(late)).to.equal(1);
    cluster.bus.filter = () => true;
    await settle('after', [first, second, late]);
  });

  describe('with a journal that cannot be trusted', () => {
    it('follows, and validates again when the others have told where they are', async () => {
      await start();
      await settle('payment');
      const node = cluster.node(2);
      await cluster.stop(node);
      await writeFile(join(node.home, 'journal', 'signing.journal'), 'nothing of use');
      await cluster.start(node);
      await until('it validates', () => node.engine?.status().mode === 'validating');
      for (let i = 0; i < 4; i++) await settle(`after ${i}`);
    });
  });
});
