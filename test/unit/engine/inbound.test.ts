import { expect } from 'chai';
import fc from 'fast-check';
import { encodeMessage, type WireMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { InputBody, RoundChange, Signed, UnsignedMessage } from '../../../consensus/types.js';
import { Inbound } from '../../../node/engine/inbound.js';
import { SignatureChecker } from '../../../node/engine/signatureChecker.js';
import type { SignatureCheck } from '../../../node/signatures/types.js';
import { headerHash } from '../../../primitives/block.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import { proveFault, type SignedVote } from '../../../primitives/evidence.js';
import { domainTag } from '../../../primitives/hash.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import { commitDigest, prepareDigest } from '../../../primitives/message.js';
import { encode, encodeListOf, encodeUint } from '../../../primitives/rlp.js';
import type { Certificate, CertificateType, Validator } from '../../../primitives/types.js';
import { GENESIS_HASH, type TestValidator, testHeader, testValidators } from '../../support/finalityFixture.js';
import { backend } from './support/chain.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const HEIGHT = 7;
const VALIDATORS = testValidators('inbound', 4);
const STRANGERS = testValidators('stranger', 4);
const HEADER = testHeader({ height: HEIGHT, txRoot: EMPTY_TREE_ROOT });
const BLOCK_HASH = headerHash(HEADER);
const HEAD_HASH = domainTag('test/head');

function signed<M extends UnsignedMessage>(
  message: M,
  sender: number,
  keys: readonly TestValidator[] = VALIDATORS,
): Signed<M> {
  const key = keys[sender] as TestValidator;
  return { ...message, sender, signature: backend.sign(messageDigest(GENESIS_HASH, message), key.privateKey) };
}

function certificate(type: CertificateType, height: number, round = 0, keys = VALIDATORS, signers = 3): Certificate {
  const vote = { height, round, blockHash: BLOCK_HASH };
  const digest = (type === 'commit' ? commitDigest : prepareDigest)(GENESIS_HASH, vote);
  const signatures = keys
    .slice(0, signers)
    .map(({ privateKey }, index) => [index, backend.sign(digest, privateKey)] as const);
  return buildCertificate(type, vote, keys.length, new Map(signatures));
}

const prepare = (height = HEIGHT) => ({ type: 'prepare', height, round: 0, blockHash: BLOCK_HASH }) as const;
const roundChange = (height: number, prepared?: Certificate): RoundChange => ({
  type: 'roundChange',
  height,
  round: 1,
  preparedRound: prepared?.round,
  preparedHash: prepared?.blockHash,
  preparedCertificate: prepared,
});

/** What became of what a peer sent. */
class Scene {
  readonly given: InputBody[] = [];
  readonly claims: string[] = [];
  readonly heard: string[] = [];
  readonly penalised: string[] = [];
  readonly offered: number[] = [];
  readonly evidence: string[] = [];
  readonly outlined: string[] = [];
  readonly verified: SignatureCheck[] = [];
  readonly timers = new ManualTimers();
  hasRoom = true;
  isFollowing = false;
  validators: readonly Validator[] = VALIDATORS;
  readonly inbound: Inbound;

  constructor(maxCheckingPerPeer = 100) {
    const countingBackend = {
      ...backend,
      verify: (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => {
        this.verified.push({ signature, digest, publicKey });
        return backend.verify(signature, digest, publicKey);
      },
    };
    this.inbound = new Inbound(
      { maxCheckingPerPeer, checksPerPeer: 50 },
      {
        genesisHash: GENESIS_HASH,
        checker: new SignatureChecker(
          { remembered: 100 },
          {
            backend: countingBackend,
            verifier: {
              verifyMany: async (checks) =>
                checks.map(({ signature, digest, publicKey }) => countingBackend.verify(signature, digest, publicKey)),
              stop: async () => {},
            },
          },
        ),
        timers: this.timers,
        assembly: { offer: (header) => void this.offered.push(header.height) },
        keyWatch: { message: () => undefined, certificate: () => undefined },
        outlined: (peerId, { round }) => void this.outlined.push(`${peerId} ${round}`),
        evidence: { receive: async (peerId, { validator }) => void this.evidence.push(`${peerId} ${validator}`) },
        network: { penalise: (peerId, { code }) => void this.penalised.push(`${peerId} ${code}`) },
        host: () =>
          this.isFollowing
            ? undefined
            : {
                workingHeight: HEIGHT,
                headHash: HEAD_HASH,
                validators: this.validators,
                giveChecked: (input) => {
                  if (this.hasRoom) this.given.push(input);
                  return this.hasRoom;
                },
              },
        heard: (peerId, { type }) => void this.heard.push(`${peerId} ${type}`),
        claim: (peerId, headHeight) => void this.claims.push(`${peerId} ${headHeight}`),
        fail: (error) => {
          throw error;
        },
        logger: silentLogger,
        metrics: silentMetrics,
      },
    );
  }

  async receive(...messages: readonly (WireMessage | Uint8Array)[]): Promise<this> {
    for (const message of messages) {
      this.inbound.receive('peer', message instanceof Uint8Array ? message : encodeMessage(message));
    }
    await settle(5);
    return this;
  }
}

describe('consensus messages from the network', () => {
  it('reach whoever executes ahead where they are outlines, which nobody signs', async () => {
    const outline = { type: 'outline', height: HEIGHT, round: 3, parentHash: HEAD_HASH, timestamp: 5 } as const;
    const scene = await new Scene().receive({
      ...outline,
      maxBytes: 1,
      maxFuel: 1,
      leads: [],
      leafHashes: [HEAD_HASH],
    });
    expect([scene.outlined, scene.given, scene.claims]).to.deep.equal([['peer 3'], [], []]);
  });

  it('reach the state machine when everything in them is signed by whom it says', async () => {
    const inner = [0, 1, 2].map((sender) => ({
      ...signed(roundChange(HEIGHT), sender),
      preparedCertificate: undefined,
    }));
    const proposal = {
      ...signed(
        {
          type: 'proposal',
          height: HEIGHT,
          round: 1,
          blockHash: BLOCK_HASH,
          header: HEADER,
          roundChanges: inner,
          preparedCertificate: undefined,
        },
        0,
      ),
      leafHashes: [],
    };
    const scene = await new Scene().receive(
      signed(prepare(), 0),
      signed({ ...prepare(), type: 'commit' }, 1),
      signed(roundChange(HEIGHT, certificate('prepare', HEIGHT)), 2),
      signed({ type: 'status', height: HEIGHT, round: 3 }, 3),
      proposal,
      { type: 'certificate', certificate: certificate('commit', HEIGHT) },
    );
    expect(scene.given.map((input) => (input.type === 'message' ? input.message.type : input.type))).to.have.members([
      'prepare',
      'commit',
      'roundChange',
      'status',
      'proposal',
      'certificate',
    ]);
    expect(scene.offered).to.deep.equal([HEIGHT]);
    expect(scene.penalised).to.deep.equal([]);
  });

  const forgeries: Readonly<Record<string, WireMessage>> = {
    'a vote signed by somebody else': { ...signed(prepare(), 1), sender: 0 },
    'a vote signed by a stranger': signed(prepare(), 0, STRANGERS),
    'a vote with its round changed': { ...signed(prepare(), 0), round: 1 },
    'a certificate of strangers': { type: 'certificate', certificate: certificate('commit', HEIGHT, 0, STRANGERS) },
    'a certificate without a quorum': {
      type: 'certificate',
      certificate: certificate('commit', HEIGHT, 0, VALIDATORS, 2),
    },
    'a round change whose certificate is forged': signed(
      roundChange(HEIGHT, certificate('prepare', HEIGHT, 0, STRANGERS)),
      0,
    ),
    'a round change whose certificate has no quorum': signed(
      roundChange(HEIGHT, certificate('prepare', HEIGHT, 0, VALIDATORS, 2)),
      0,
    ),
    'a proposal with a forged round change in it': {
      ...signed(
        {
          type: 'proposal',
          height: HEIGHT,
          round: 1,
          blockHash: BLOCK_HASH,
          header: HEADER,
          roundChanges: [signed(roundChange(HEIGHT), 0, STRANGERS)],
          preparedCertificate: undefined,
        },
        0,
      ),
      leafHashes: [],
    },
  };
  for (const [what, message] of Object.entries(forgeries)) {
    it(`cost their sender ${what}, and reach nobody`, async () => {
      const scene = await new Scene().receive(message);
      expect(scene.given).to.deep.equal([]);
      expect(scene.offered).to.deep.equal([]);
      expect(scene.penalised).to.deep.equal(['peer MESSAGE_SIGNATURE_INVALID']);
    });
  }

  it('cost nobody anything when they are of a height whose validators may be others', async () => {
    const scene = await new Scene().receive(
      signed(prepare(HEIGHT + 1), 0, STRANGERS),
      signed(prepare(HEIGHT - 1), 0, STRANGERS),
    );
    expect(scene.given).to.deep.equal([]);
    expect(scene.penalised).to.deep.equal([]);
  });

  it('of the next height whose validators are others say whom to ask for the block that names them', async () => {
    const [one] = VALIDATORS;
    const moved = await new Scene().receive(signed(prepare(HEIGHT + 1), 1, STRANGERS));
    const longer = new Scene();
    longer.validators = [one as Validator];
    await longer.receive(signed({ type: 'status', height: HEIGHT + 1, round: 0 }, 3));
    for (const scene of [moved, longer]) {
      expect(scene.claims).to.deep.equal([`peer ${HEIGHT}`]);
      expect(scene.given).to.deep.equal([]);
    }
  });

  it('are dropped when their sender stands in no list', async () => {
    const [one] = VALIDATORS;
    const scene = new Scene();
    scene.validators = [one as Validator];
    await scene.receive(signed(prepare(), 2), signed(prepare(0), 0));
    expect(scene.given).to.deep.equal([]);
    expect(scene.penalised).to.deep.equal([]);
  });

  it('of the height decided last are looked at whole, for they may prove a fault', async () => {
    const forged = signed(roundChange(HEIGHT - 1, certificate('prepare', HEIGHT - 1, 0, STRANGERS)), 0);
    const honest = signed(roundChange(HEIGHT - 1, certificate('prepare', HEIGHT - 1)), 1);
    const scene = await new Scene().receive(forged, honest, {
      type: 'certificate',
      certificate: certificate('commit', HEIGHT - 1),
    });
    expect(scene.given.map((input) => (input.type === 'message' ? input.message.sender : input.type))).to.deep.equal([
      1,
      'certificate',
    ]);
    expect(scene.penalised).to.deep.equal([]);
  });

  it('that are evidence go to whoever keeps it, while this node follows, too', async () => {
    const votes = [BLOCK_HASH, HEAD_HASH].map((blockHash) => signed({ ...prepare(), blockHash }, 0));
    const evidence = proveFault(VALIDATORS[0] as Validator, votes[0] as SignedVote, votes[1] as SignedVote);
    if (evidence === undefined) throw new Error('two Prepares prove a fault');
    const scene = new Scene();
    scene.isFollowing = true;
    await scene.receive({ type: 'evidence', evidence });
    expect(scene.evidence).to.deep.equal([`peer ${VALIDATORS[0]?.address}`]);
    expect(scene.claims).to.deep.equal([]);
  });

  it('of far heights say whom to ask for blocks, and are not looked at', async () => {
    const scene = await new Scene().receive(
      signed(prepare(HEIGHT + 2), 0, STRANGERS),
      { type: 'certificate', certificate: certificate('commit', HEIGHT + 1, 0, STRANGERS) },
      signed(prepare(HEIGHT + 1), 0),
    );
    expect(scene.claims).to.deep.equal([`peer ${HEIGHT + 1}`, `peer ${HEIGHT + 1}`]);
    expect(scene.given).to.have.length(1);
    expect(scene.verified).to.have.length(1);
  });

  it('only say whom to ask for blocks while this node follows', async () => {
    const scene = new Scene();
    scene.isFollowing = true;
    await scene.receive(signed(prepare(), 0), { type: 'certificate', certificate: certificate('commit', HEIGHT) });
    expect(scene.claims).to.deep.equal([`peer ${HEIGHT - 1}`, `peer ${HEIGHT}`]);
    expect(scene.heard).to.deep.equal(['peer prepare', 'peer certificate']);
    expect(scene.given).to.deep.equal([]);
  });

  it('have each signature checked once, however often and in whatever they come', async () => {
    const scene = new Scene();
    const votes = [0, 1, 2].map((sender) => signed({ ...prepare(), type: 'commit' }, sender));
    for (const vote of [...votes, ...votes]) await scene.receive(vote);
    expect(scene.verified).to.have.length(3);
    const signatures = new Map(votes.map(({ sender, signature }) => [sender, signature]));
    const vote = { height: HEIGHT, round: 0, blockHash: BLOCK_HASH };
    await scene.receive({ type: 'certificate', certificate: buildCertificate('commit', vote, 4, signatures) });
    expect(scene.verified).to.have.length(3);
    expect(scene.given).to.have.length(7);
  });

  it('that hold more valid signatures than a peer may have checked are dropped, whatever they come in', async () => {
    const statuses = Array.from({ length: 60 }, (_, round) => signed({ type: 'status', height: HEIGHT, round }, 1));
    const scene = await new Scene().receive(...statuses.slice(0, 50));
    expect(scene.verified).to.have.length(50);
    await scene.receive(...statuses.slice(50));
    expect(scene.verified, 'no more in this window').to.have.length(50);
    await scene.receive(...statuses.slice(0, 10));
    expect(scene.given, 'what is known costs nothing').to.have.length(60);
    scene.timers.advance(1_000);
    await scene.receive(...statuses.slice(50));
    expect(scene.given).to.have.length(70);
    expect(scene.penalised).to.deep.equal([]);
  });

  it('that come faster than they can be checked, or find no room, are dropped', async () => {
    const fast = new Scene(2);
    await fast.receive(...[0, 1, 2, 3].map((sender) => signed(prepare(), sender)));
    expect(fast.given).to.have.length(2);
    await fast.receive(signed(prepare(), 3));
    expect(fast.given).to.have.length(3);
    const full = new Scene();
    full.hasRoom = false;
    await full.receive(signed(prepare(), 0));
    expect(full.penalised).to.deep.equal([]);
  });

  it('of a type that a later version may know are dropped, and cost their sender nothing, however long they are', async () => {
    const later = (length: number): Uint8Array =>
      encodeListOf([encodeUint(1), encodeUint(9), new Uint8Array(length)].map((item) => encode(item)));
    const scene = await new Scene().receive(later(1), later(100_000));
    expect([scene.penalised, scene.given]).to.deep.equal([[], []]);
    await scene.receive(encodeListOf([encode(encodeUint(1)), encode(encodeUint(0))]));
    expect(scene.penalised).to.deep.equal(['peer MESSAGE_MALFORMED']);
  });

  it('that are no messages cost their sender, whatever bytes they are', async () => {
    const good = encodeMessage(signed(roundChange(HEIGHT, certificate('prepare', HEIGHT)), 0));
    const mutated = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const bytes = good.slice();
      bytes[at] = (bytes[at] as number) ^ flip;
      return bytes;
    });
    const hostile = fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated);
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        const scene = await new Scene().receive(bytes);
        const far = scene.claims.length;
        expect(scene.given).to.deep.equal([]);
        if (far === 0) expect(scene.penalised.length).to.be.at.most(1);
      }),
      { seed: 20_260_101, numRuns: 150 },
    );
  });
});
