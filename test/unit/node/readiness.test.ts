import { expect } from 'chai';
import { governance, membership } from '../../../contracts/index.js';
import { READY_WINDOW_MS } from '../../../contracts/membership/records.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { MempoolError } from '../../../node/mempool/errors.js';
import { NodeAccount } from '../../../node/nodeAccount.js';
import { ReadinessReporter } from '../../../node/readiness.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import type { TransactionBody } from '../../../primitives/types.js';
import { GENESIS_HASH, testHeader, testValidators } from '../../support/finalityFixture.js';
import { ManualTimers, settle } from '../engine/support/manualTimers.js';
import { silentLogger, silentMetrics } from '../engine/support/ports.js';

const VALIDATORS = testValidators('ready', 4);
const OWN = new LocalSigner(new Uint8Array(32).fill(3), nobleBackend);
const INTERVAL_MS = 1_000;

/** A node whose chain says what the test wants it to. */
class Scene {
  readonly timers = new ManualTimers();
  readonly sent: TransactionBody[] = [];
  awaited = true;
  saidAt: number | undefined;
  behind = false;
  listed = false;
  refusal: MempoolError | undefined;
  readonly failures: unknown[] = [];
  readonly reporter = new ReadinessReporter(
    { referenceWindowMs: 600_000, intervalMs: INTERVAL_MS },
    {
      engine: { status: () => ({ mode: 'validating', isBehind: this.behind }) as never },
      executor: {
        head: () => ({
          header: testHeader({ height: 77, timestamp: this.timers.now() }),
          blockHash: new Uint8Array(32),
          certificate: undefined,
          validators: this.listed
            ? [{ ...(VALIDATORS[0] as never as object), address: OWN.address } as never]
            : VALIDATORS,
          parameters: DEFAULT_PARAMETERS,
        }),
        view: async (contract, method) => {
          if (contract === 'governance')
            return governance.methods[method as 'awaits'].returns?.encode(this.awaited) as Uint8Array;
          const said = this.saidAt === undefined ? undefined : { height: 1, timestamp: this.saidAt };
          return membership.methods.readiness.returns?.encode(said) as Uint8Array;
        },
      },
      mempool: {
        admit: async (bytes) => {
          if (this.refusal !== undefined) throw this.refusal;
          const { body, id } = decodeTransaction(bytes, GENESIS_HASH);
          this.sent.push(body);
          return { id, status: 'accepted' };
        },
      },
      account: new NodeAccount({ chainId: 'test-1', genesisHash: GENESIS_HASH }, OWN),
      timers: this.timers,
      logger: silentLogger,
      metrics: silentMetrics,
      onFatal: (error) => void this.failures.push(error),
    },
  );

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += INTERVAL_MS) {
      this.timers.advance(INTERVAL_MS);
      await settle();
    }
  }
}

describe('a node whose key is to validate', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
    scene.reporter.start();
  });
  afterEach(() => {
    scene.reporter.stop();
    expect(scene.failures).to.deep.equal([]);
    expect(scene.timers.pending).to.equal(0);
  });

  it('says once that it is ready, for the newest state, from the account of its key', async () => {
    await scene.pass(10_000);
    expect(scene.sent).to.have.lengthOf(1);
    const [body] = scene.sent;
    const [call] = body?.calls ?? [];
    expect(body?.sender).to.equal(OWN.address);
    expect([call?.contract, call?.method]).to.deep.equal(['membership', 'ready']);
    expect(membership.methods.ready.args.decode(call?.args ?? new Uint8Array()).height).to.equal(77);
  });

  it('says it again while the chain has not heard it, and before its word is too old', async () => {
    await scene.pass(60_000);
    expect(scene.sent.length).to.be.within(2, 4);
    const before = scene.sent.length;
    scene.saidAt = scene.timers.now();
    await scene.pass(60_000);
    expect(scene.sent).to.have.lengthOf(before);
    scene.saidAt = scene.timers.now() - Math.floor(READY_WINDOW_MS / 2);
    await scene.pass(2_000);
    expect(scene.sent).to.have.lengthOf(before + 1);
  });

  it('says nothing while no proposal names it, while it is behind, or once it validates', async () => {
    scene.awaited = false;
    await scene.pass(5_000);
    scene.awaited = true;
    scene.behind = true;
    await scene.pass(5_000);
    scene.behind = false;
    scene.listed = true;
    await scene.pass(5_000);
    expect(scene.sent).to.deep.equal([]);
  });

  it('tries again after a refusal', async () => {
    scene.refusal = new MempoolError('SENDER_UNKNOWN', 'no such account');
    await scene.pass(30_000);
    scene.refusal = undefined;
    await scene.pass(30_000);
    expect(scene.sent.length).to.be.within(1, 2);
  });
});
