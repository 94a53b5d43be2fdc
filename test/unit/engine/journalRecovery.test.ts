import { expect } from 'chai';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import { JournalRecovery } from '../../../node/engine/journalRecovery.js';
import { PeerDirectory } from '../../../node/engine/peerDirectory.js';
import { decodeRequest, encodeClaim } from '../../../node/engine/requestCodec.js';
import { NetworkError } from '../../../node/network/errors.js';
import { headerHash } from '../../../primitives/block.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import { testHeader, testValidators } from '../../support/finalityFixture.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger } from './support/ports.js';

const VALIDATORS = testValidators('recovery', 4);
const RETRY_MS = 500;

/** A claim to be at this height; nobody checks its certificate, the chain that is fetched proves it. */
function claimOf(height: number): Uint8Array {
  const headHash = headerHash(testHeader({ height }));
  const vote = { height, round: 0, blockHash: headHash };
  const signatures = new Map([0, 1, 2].map((index) => [index, new Uint8Array(64).fill(1)]));
  const certificate = height === 0 ? undefined : buildCertificate('commit', vote, VALIDATORS.length, signatures);
  return encodeClaim({ headHeight: height, headHash, certificate });
}

/** Validator 0 recovers; the others say what the test tells them to. */
class Scene {
  head = 10;
  readonly timers = new ManualTimers();
  readonly claims: string[] = [];
  /** What each other validator says it has; undefined where it does not answer. */
  readonly says = new Map<string, () => number | undefined>();
  found: number | undefined;
  readonly recovery: JournalRecovery;

  constructor() {
    const [self] = VALIDATORS;
    const directory = new PeerDirectory({ peerId: 'v0', addresses: new Map() });
    const rows = VALIDATORS.map(({ address, publicKey }, index) => ({
      key: { address, publicKey, member: `BANK${index}`, active: true },
      node: { peerId: `v${index}`, member: `BANK${index}`, role: 'validator' as const, addresses: [] },
    }));
    directory.update({ keys: rows.map(({ key }) => key), accounts: [], nodes: rows.map(({ node }) => node) });
    this.recovery = new JournalRecovery(
      { address: self?.address as `0x${string}`, requestTimeoutMs: 1_000, retryMs: RETRY_MS },
      {
        network: {
          request: async (peerId, request) => {
            expect(decodeRequest(request).type).to.equal('workingHeight');
            const height = this.says.get(peerId)?.();
            if (height === undefined) throw new NetworkError('REQUEST_TIMEOUT', 'expected an answer, found none');
            return claimOf(height);
          },
        },
        directory,
        timers: this.timers,
        head: () => {
          const header = testHeader({ height: this.head });
          return {
            ...{ header, blockHash: headerHash(header), certificate: undefined },
            ...{ validators: VALIDATORS, parameters: DEFAULT_PARAMETERS },
          };
        },
        claim: (peerId, height) => void this.claims.push(`${peerId} ${height}`),
        logger: silentLogger,
      },
    );
  }

  run(): this {
    void this.recovery.lowestSafeHeight().then((height) => {
      this.found = height;
    });
    return this;
  }

  /** Time for so many rounds of questions, with what is synced between them. */
  async pass(rounds: number, syncs: () => void = () => undefined): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await settle(5);
      syncs();
      this.timers.advance(RETRY_MS);
    }
    await settle(5);
  }
}

describe('the recovery of a lost journal', () => {
  // PROTOCOL §Journal J7.
  it('finds two heights above the highest at which the others work', async () => {
    const scene = new Scene();
    for (const [index, height] of [8, 10, 9].entries()) scene.says.set(`v${index + 1}`, () => height);
    await scene.run().pass(1);
    expect(scene.found).to.equal(13);
  });

  it('ends on a chain that grows all the time, where the others are always a little ahead', async () => {
    const scene = new Scene();
    for (const index of [1, 2, 3]) scene.says.set(`v${index}`, () => scene.head + index);
    await scene.run().pass(6, () => void scene.head++);
    expect(scene.found).to.be.a('number').and.at.least(13);
    expect(scene.claims).to.include('v3 13');
  });

  it('believes no height that the chain does not prove, and waits while too few others answer', async () => {
    const scene = new Scene();
    scene.says.set('v1', () => 10);
    scene.says.set('v2', () => 10);
    scene.says.set('v3', () => 1_000_000);
    await scene.run().pass(6);
    expect(scene.found).to.equal(undefined);
    expect(scene.recovery.progress()).to.deep.equal({ answered: 2, needed: 3 });
    scene.says.set('v3', () => 9);
    await scene.pass(2);
    expect(scene.found).to.equal(13);
    scene.recovery.stop();
  });

  it('ends with nothing when it is stopped', async () => {
    const scene = new Scene().run();
    await scene.pass(1);
    scene.recovery.stop();
    await scene.pass(1);
    expect(scene.found).to.equal(undefined);
    expect(scene.timers.pending).to.equal(0);
  });
});
