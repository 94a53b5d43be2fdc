import { expect } from 'chai';
import { evidence as contract } from '../../../contracts/index.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import type { KeptEvidence } from '../../../node/engine/evidence.js';
import { EvidenceReporter } from '../../../node/evidenceReporter.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { NodeAccount } from '../../../node/nodeAccount.js';
import { toHex } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import { encodeEvidence, evidenceId } from '../../../primitives/evidence.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import type { DecodedTransaction } from '../../../primitives/types.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import {
  CHAIN_ID,
  GENESIS_HASH,
  type TestValidator,
  testHeader,
  testValidators,
} from '../../support/finalityFixture.js';
import { backend } from '../engine/support/chain.js';
import { ManualTimers, settle } from '../engine/support/manualTimers.js';
import { silentLogger, silentMetrics } from '../engine/support/ports.js';

const VALIDATORS = testValidators('reporter', 4);
const [culprit] = VALIDATORS as [TestValidator];
const OPTIONS = { referenceWindowMs: 100_000, intervalMs: 1_000, staggerMs: 3_000, attempts: 2 };
/** The life of a report: half of the window. */
const LIFE_MS = 50_000;

/** The reporter of one validator, on a chain whose time and contents the test says. */
class Scene {
  readonly timers = new ManualTimers();
  readonly submitted: DecodedTransaction[] = [];
  readonly fatal: unknown[] = [];
  readonly recorded = new Set<string>();
  readonly kept: KeptEvidence[] = [];
  headHeight = 100;
  refusal: CodedError | undefined;
  readonly reporter: EvidenceReporter;
  private readonly listeners: ((kept: KeptEvidence) => void)[] = [];

  constructor(self: TestValidator = VALIDATORS[1] as TestValidator) {
    const { get } = contract.methods;
    this.reporter = new EvidenceReporter(OPTIONS, {
      engine: { evidence: () => this.kept, onEvidence: (listener) => this.listeners.push(listener) },
      executor: {
        head: () => ({
          header: testHeader({ height: this.headHeight }),
          blockHash: new Uint8Array(32),
          certificate: undefined,
          validators: VALIDATORS,
          parameters: DEFAULT_PARAMETERS,
        }),
        view: async (_contract, _method, args) => {
          const id = toHex(get.args.decode(args).id);
          const found = this.recorded.has(id) ? recordedReport() : undefined;
          return get.returns?.encode(found) ?? new Uint8Array();
        },
      },
      mempool: {
        admit: async (bytes) => {
          if (this.refusal !== undefined) throw this.refusal;
          const transaction = decodeTransaction(bytes, GENESIS_HASH);
          this.submitted.push(transaction);
          return { id: transaction.id, status: 'accepted' };
        },
      },
      account: new NodeAccount(
        { chainId: CHAIN_ID, genesisHash: GENESIS_HASH },
        new LocalSigner(self.privateKey, backend),
      ),
      timers: this.timers,
      logger: silentLogger,
      metrics: silentMetrics,
      onFatal: (error) => this.fatal.push(error),
    });
  }

  /** Evidence against validator 0 of this height is kept. */
  find(height: number): KeptEvidence {
    const evidence = doublePrepare(culprit, height);
    const kept = { id: evidenceId(evidence), evidence, bytes: encodeEvidence(evidence), firstSeenMs: 0 };
    this.kept.push(kept);
    for (const listener of this.listeners) listener(kept);
    return kept;
  }

  async wait(ms: number): Promise<number> {
    for (let passed = 0; passed < ms; passed += OPTIONS.intervalMs) {
      this.timers.advance(OPTIONS.intervalMs);
      await settle(5);
    }
    return this.submitted.length;
  }
}

function recordedReport() {
  return {
    ...{
      member: 'ALFADEFF',
      validator: culprit.address,
      kind: 'doubleSign' as const,
      height: 1,
      round: 0,
      position: 0,
    },
    ...{ vote: 'prepare' as const, reporter: 'BETAFRPP', reportedHeight: 2, reportedAt: 3, proof: new Uint8Array(9) },
  };
}

describe('the reporter of evidence', () => {
  it('sends what is kept from its validator’s own account, signed as a transaction', async () => {
    const scene = new Scene();
    const self = VALIDATORS[1] as TestValidator;
    scene.reporter.start();
    const kept = scene.find(1);
    expect(await scene.wait(1_000)).to.equal(1);
    const [transaction] = scene.submitted;
    expect(transaction?.body).to.deep.include({ sender: self.address, signers: [self.address], chainId: CHAIN_ID });
    const [call] = transaction?.body.calls ?? [];
    expect(call).to.deep.include({ contract: 'evidence', method: 'report' });
    expect(contract.methods.report.args.decode(call?.args ?? new Uint8Array())).to.deep.equal({ evidence: kept.bytes });
    const signature = transaction?.signatures[0]?.signature ?? new Uint8Array();
    expect(backend.verify(signature, transaction?.id ?? new Uint8Array(), self.publicKey)).to.equal(true);
  });

  it('takes its turn: the validator that the height names first, the others later, the accused last', async () => {
    const turns = await Promise.all(
      VALIDATORS.map(async (self) => {
        const scene = new Scene(self);
        scene.reporter.start();
        scene.find(2);
        let passedMs = OPTIONS.intervalMs;
        while ((await scene.wait(OPTIONS.intervalMs)) === 0 && passedMs < 20_000) passedMs += OPTIONS.intervalMs;
        return Math.floor(passedMs / OPTIONS.staggerMs);
      }),
    );
    expect(turns).to.deep.equal([4, 3, 0, 1]);
  });

  it('reports nothing that somebody else has reported meanwhile, and lets its clock rest', async () => {
    const scene = new Scene(VALIDATORS[3]);
    scene.reporter.start();
    const kept = scene.find(1);
    await scene.wait(3_000);
    scene.recorded.add(toHex(kept.id));
    expect(await scene.wait(20_000)).to.equal(0);
    expect(scene.timers.pending).to.equal(0);
  });

  it('reports what was kept before it started', async () => {
    const scene = new Scene();
    scene.find(1);
    scene.reporter.start();
    expect(await scene.wait(1_000)).to.equal(1);
  });

  it('waits until the chain has reached the height of the fault', async () => {
    const scene = new Scene();
    scene.reporter.start();
    scene.find(101);
    expect(await scene.wait(20_000)).to.equal(0);
    scene.headHeight = 101;
    expect(await scene.wait(2_000)).to.equal(1);
  });

  it('tries again with another reference when a report is over and nothing is recorded, and not for ever', async () => {
    const scene = new Scene();
    scene.reporter.start();
    scene.find(1);
    await scene.wait(1_000);
    expect(await scene.wait(LIFE_MS)).to.equal(1);
    expect(await scene.wait(LIFE_MS)).to.equal(2);
    const references = scene.submitted.map(({ body }) => toHex(body.reference));
    expect(new Set(references).size).to.equal(2);
    expect(await scene.wait(10 * LIFE_MS)).to.equal(OPTIONS.attempts);
    expect(scene.timers.pending).to.equal(0);
  });

  it('bears a refusal of the mempool, as where its account is not registered', async () => {
    const scene = new Scene();
    scene.refusal = new CodedError('SENDER_UNKNOWN', 'no such account');
    scene.reporter.start();
    scene.find(1);
    expect(await scene.wait(3_000)).to.equal(0);
    scene.refusal = undefined;
    expect(await scene.wait(20_000)).to.equal(1);
    expect(scene.fatal).to.deep.equal([]);
  });

  it('stops the node when what fails is no refusal, and does nothing once it is stopped', async () => {
    const scene = new Scene();
    scene.refusal = new RangeError('broken') as never;
    scene.reporter.start();
    scene.find(1);
    await scene.wait(1_000);
    expect(scene.fatal).to.have.length(1);
    const stopped = new Scene();
    stopped.reporter.start();
    stopped.find(1);
    stopped.reporter.stop();
    expect(await stopped.wait(5_000)).to.equal(0);
    expect(stopped.timers.pending).to.equal(0);
  });
});
