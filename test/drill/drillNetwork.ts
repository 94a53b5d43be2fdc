import { rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { genesisHash, genesisValidators } from '../../genesis/genesis.js';
import { isCodedError } from '../../primitives/errors.js';
import { BankBook } from '../support/processes/bankBook.js';
import { backend, type Member, ProcessNetwork } from '../support/processes/processNetwork.js';
import { until } from '../support/processes/until.js';
import { type Acknowledged, describeHead, ledgerFaults } from './databases/ledgerFaults.js';
import { readLedger } from './databases/readLedger.js';
import { type ArmedFailpoint, failpointFile } from './node/failpoints.js';
import { sentLogFile } from './signing/sentLog.js';
import { readSentVotes, type SentVote, signingFaults } from './signing/signingFaults.js';

const PROGRAM = fileURLToPath(new URL('./node/nodeProgram.js', import.meta.url));
const CURRENCY = 'EUR';
/** Nodes are stopped at once, but one may have written a block or two that another has only decided. */
const MAX_HEIGHT_DIFFERENCE = 3;

/** What the disks of a stopped network showed. */
export interface Autopsy {
  /** Nothing when all is well. */
  readonly faults: readonly string[];
  /** Where each node stood. */
  readonly heads: readonly string[];
  readonly height: number;
  readonly votes: number;
}

/** Five processes of the product's own parts whose every vote is written down, and what is done to them in a drill. */
export class DrillNetwork {
  private constructor(
    readonly network: ProcessNetwork,
    readonly book: BankBook,
    private readonly leaveNothing: () => void,
  ) {}

  /**
   * Starts a network and opens its business day.
   *
   * @param prepare changes the homes before anything runs
   */
  static async start(
    prepare: (network: ProcessNetwork) => Promise<void> = async () => undefined,
  ): Promise<DrillNetwork> {
    const network = await ProcessNetwork.create(PROGRAM);
    // A process that is stopped does not notice the death of its parent.
    const leaveNothing = (): void => {
      for (const { process: child } of network.members) {
        if (child.running && child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      }
      rmSync(network.directory, { recursive: true, force: true });
    };
    process.once('exit', leaveNothing);
    try {
      await prepare(network);
      await network.start();
      return new DrillNetwork(network, await BankBook.open(network), leaveNothing);
    } catch (error) {
      await network.remove();
      process.off('exit', leaveNothing);
      throw error;
    }
  }

  /** Ends whatever still runs and removes every file. */
  async remove(): Promise<void> {
    await this.network.remove();
    process.off('exit', this.leaveNothing);
  }

  get validators(): readonly Member[] {
    return this.network.validators;
  }

  /** What a node says of itself, or undefined where it does not answer in time. */
  async health({ node }: Member): Promise<{ readonly height: number; readonly mode: string } | undefined> {
    const answer = await fetch(`${node.rpcUrl}/v1/health`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    if (answer?.ok !== true) return undefined;
    return (await answer.json().catch(() => undefined)) as { height: number; mode: string } | undefined;
  }

  /** The greatest height of those that answer; 0 when nobody does. */
  async height(members: readonly Member[] = this.network.members): Promise<number> {
    const answers = await Promise.all(members.map((member) => this.health(member)));
    return Math.max(0, ...answers.map((answer) => answer?.height ?? 0));
  }

  untilHeight(member: Member, height: number): Promise<true> {
    return until(`${member.node.member.bic} at height ${height}`, async () => {
      const reached = (await this.health(member))?.height;
      return reached !== undefined && reached >= height ? true : undefined;
    });
  }

  /** Makes a running node die of a failpoint, or one that is started next where it does not run. */
  async arm({ node, process: child }: Member, armed: ArmedFailpoint | undefined): Promise<void> {
    const file = failpointFile(node.home);
    if (armed === undefined) await rm(file, { force: true });
    else await writeFile(file, JSON.stringify(armed));
    if (child.running && child.pid !== undefined) process.kill(child.pid, 'SIGUSR2');
  }

  /** Every vote that ever left a validator. */
  async sentVotes({ node }: Member): Promise<readonly SentVote[]> {
    return readSentVotes(await readFile(sentLogFile(node.home), 'utf8'));
  }

  /** Records of a node's log of these events. */
  async logged({ node }: Member, ...events: readonly string[]): Promise<readonly string[]> {
    const text = await readFile(join(node.home, 'node.log'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => events.some((event) => line.includes(`"${event}"`)));
  }

  /** Waits until all nodes have what any has, and that everybody takes part. */
  async untilWhole(): Promise<void> {
    const height = await this.height();
    await Promise.all(this.network.members.map((member) => this.untilHeight(member, height)));
    for (const member of this.validators) {
      await until(
        `${member.node.member.bic} to take part`,
        async () => (await this.health(member))?.mode === 'validating',
      );
    }
  }

  /** Stops every node in good order and looks at what is on their disks. */
  async stopAndExamine(refused: readonly string[]): Promise<Autopsy> {
    const codes = await Promise.all(this.network.members.map(({ process: child }) => child.stop()));
    const faults = this.network.members.flatMap(({ node }, index) =>
      codes[index] === 0 ? [] : [`${node.member.bic} ended with code ${codes[index]}`],
    );
    const accounts = this.book.banks.map((bic) => this.book.account(bic));
    const { genesis } = this.network;
    const ledgers = [];
    for (const { node } of this.network.members) {
      try {
        ledgers.push(
          await readLedger({ member: node.member.bic, home: node.home, genesis, currency: CURRENCY, accounts }),
        );
      } catch (error) {
        if (!isCodedError(error)) throw error;
        faults.push(`${node.member.bic}: its database cannot be read: ${error.code}: ${error.message}`);
      }
    }
    const acknowledged: Acknowledged[] = [...this.book.final.values()].map(({ id, height }) => ({ id, height }));
    faults.push(
      ...ledgerFaults(ledgers, {
        genesisHash: genesisHash(genesis),
        validators: genesisValidators(genesis),
        backend,
        acknowledged,
        refused,
        maxHeightDifference: MAX_HEIGHT_DIFFERENCE,
      }),
      ...(await this.signingFaults()),
    );
    const heads = ledgers.map((ledger) => `${ledger.member} ${describeHead(ledger)}`);
    const votes = await Promise.all(this.validators.map((member) => this.sentVotes(member)));
    return {
      faults,
      heads,
      height: Math.max(0, ...ledgers.map(({ blocks }) => blocks.length - 1)),
      votes: votes.reduce((sum, list) => sum + list.length, 0),
    };
  }

  /** Of everything that left the validators, their evidence, and what they say of their journals. */
  private async signingFaults(): Promise<string[]> {
    const faults: string[] = [];
    for (const member of this.network.members) {
      const { bic } = member.node.member;
      if (member.node.member.validates) {
        faults.push(...signingFaults(await this.sentVotes(member)).map((fault) => `${bic}: ${fault}`));
      }
      const bytes = await this.network.evidenceBytes(member).catch(() => 0);
      if (bytes > 0) faults.push(`${bic} keeps ${bytes} bytes of evidence`);
      const told = await this.logged(member, 'engine.evidence', 'engine.journal_untrusted', 'engine.failed');
      faults.push(...told.map((line) => `${bic} logged ${line.slice(0, 300)}`));
    }
    return faults;
  }
}
