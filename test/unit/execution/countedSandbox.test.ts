import { MessageChannel } from 'node:worker_threads';
import { expect } from 'chai';
import { apiFailure } from '../../../contracts/api/failure.js';
import { defineContract, type StandardContract } from '../../../contracts/api/index.js';
import { BundleRefusal } from '../../../contracts/deployment/programs.js';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { deployment, governance } from '../../../contracts/index.js';
import { CountedPrograms } from '../../../node/execution/countedSandbox.js';
import type { ReplyMessage } from '../../../node/execution/executorProtocol.js';
import { serveExecutor } from '../../../node/execution/executorServer.js';
import { METRIC } from '../../../node/execution/metrics.js';
import { ExecutionNews, type News } from '../../../node/execution/news.js';
import { tellNews } from '../../../node/executionNews.js';
import type { Call } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { bundleOf, FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { approvalOf, bundleHash, NOTES_PROGRAMS, registerCalls } from '../../support/notesContract.js';
import { ACCOUNTS, callOf } from '../../support/settlementNetwork.js';

/** A program that is at fault in one method, and fails as it declares in another. */
function faultyProgram(): StandardContract {
  const declaration = defineContract({ name: 'notes', version: 1, state: {}, events: {}, errors: { NO: {} } });
  const anybody = { sender: true } as const;
  return declaration.build({
    fault: declaration.tx({ args: {}, auth: anybody }, () => {
      throw apiFailure('notes.fault', 'CONTRACT_FAULT', { reason: 'memory' }, 'the guest has no memory left');
    }),
    refuse: declaration.tx({ args: {}, auth: anybody }, (ctx) => ctx.fail('NO')),
    work: declaration.tx({ args: {}, auth: anybody }, () => undefined),
  });
}

const countOf = (news: News | undefined, name: string, label?: string): number | undefined =>
  news?.counts.find(
    (series) => series.name === name && (label === undefined || Object.values(series.labels)[0] === label),
  )?.by;

describe('what is told of the sandbox', () => {
  it('leaves it to be made ready before it is needed', () => {
    const sandbox = new FakeSandbox(NOTES_PROGRAMS);
    new CountedPrograms([sandbox], new ExecutionNews()).prepare();
    expect(sandbox.prepared).to.equal(1);
  });

  it('is each load, each refusal, and whether a program was there already', () => {
    const news = new ExecutionNews();
    const programs = new CountedPrograms([new FakeSandbox(NOTES_PROGRAMS)], news);
    const find = (name: string) => programs.program(TEST_ENGINE.hash, bundleHash(name), () => bundleOf(name));
    for (const name of ['first', 'first', 'first', 'second']) find(name);
    expect(() => find('nobodys')).to.throw(BundleRefusal);
    const told = news.take();
    expect(countOf(told, METRIC.sandboxLoads, 'loaded')).to.equal(2);
    expect(countOf(told, METRIC.sandboxLoads, 'refused')).to.equal(1);
    expect(countOf(told, METRIC.sandboxPrograms, 'hit')).to.equal(2);
    expect(countOf(told, METRIC.sandboxPrograms, 'miss')).to.equal(2);
    expect(told?.events.map(({ event }) => event)).to.deep.equal([
      'sandbox.program_loaded',
      'sandbox.program_loaded',
      'sandbox.program_refused',
    ]);
    expect(news.take()).to.equal(undefined);
  });

  it('is each call with its fuel, and the faults of programs by their reason', async () => {
    const network = await ExecutionNetwork.create();
    const news = new ExecutionNews();
    try {
      const sandboxes = [new FakeSandbox({ faulty: faultyProgram() })];
      const executor = network.executor('one', { sandboxes, news });
      await executor.start();
      const chain = new TestChain(network, executor);
      const run = (...calls: readonly Call[]) => chain.settle(calls.map((call) => network.transaction([call])));
      await chain.settle([network.transaction(registerCalls('faulty'))]);
      const activate = { ...approvalOf(bundleHash('faulty')), migrationFuel: 0 };
      await activateByAll(network, chain, callOf(deployment.methods.activate, activate));
      news.take();
      const called = (method: string): Call => ({ contract: 'notes', method, args: Uint8Array.of(0xc0) });
      await run(called('work'), called('fault'), called('refuse'), called('fault'));
      const told = news.take();
      expect(countOf(told, METRIC.sandboxCalls)).to.equal(4);
      expect(countOf(told, METRIC.sandboxFaults, 'memory')).to.equal(2);
      expect(countOf(told, METRIC.sandboxFuel)).to.be.at.least(0);
      const faults = told?.events.filter(({ event }) => event === 'sandbox.contract_faulted') ?? [];
      expect(faults.map(({ fields }) => fields)).to.deep.equal(
        Array(2).fill({ call: 'notes.fault', reason: 'memory', detail: 'the guest has no memory left' }),
      );
    } finally {
      await network.remove();
    }
  });

  it('is at most sixteen events at once, and how many more there were', () => {
    const news = new ExecutionNews();
    for (let i = 0; i < 20; i++) news.note({ event: 'sandbox.program_refused', fields: { reason: `${i}` } });
    const told = news.take();
    expect([told?.events.length, told?.lostEvents]).to.deep.equal([16, 4]);
  });

  it('crosses from the executor’s thread with an answer, and reaches metrics and log', async () => {
    const network = await ExecutionNetwork.create();
    const { port1, port2 } = new MessageChannel();
    try {
      const news = new ExecutionNews();
      serveExecutor(await network.started('one'), port2, () => undefined, news);
      news.count(METRIC.sandboxLoads, 3, { result: 'loaded' });
      news.note({ event: 'sandbox.contract_faulted', fields: { call: 'notes.fault' } });
      const arrived = new Promise<News>((resolve) => {
        port1.on('message', (message: ReplyMessage) => {
          if (message.kind === 'result' && message.news !== undefined) resolve(message.news);
        });
      });
      port1.postMessage({ id: 1, method: 'blockHash', args: [0] });
      const counted: unknown[] = [];
      const logged: unknown[] = [];
      const log = (fields: object): void => void logged.push(fields);
      const metrics = { count: (...series: unknown[]) => void counted.push(series), gauge: () => undefined };
      tellNews(await arrived, { metrics, logger: { debug: log, info: log, warn: log, error: log } });
      expect(counted).to.deep.equal([[METRIC.sandboxLoads, 3, { result: 'loaded' }]]);
      expect(logged).to.deep.equal([{ event: 'sandbox.contract_faulted', call: 'notes.fault' }]);
    } finally {
      port1.close();
      await network.remove();
    }
  });
});

/** Proposes the call, has a quorum approve it, and waits until it is in force. */
async function activateByAll(network: ExecutionNetwork, chain: TestChain, call: Call): Promise<void> {
  const terms = { activateAt: chain.height + 4, expiresAt: chain.timestamp + 100_000, description: 'x' };
  const payload = { calls: [call], ...terms, document: undefined };
  const { propose, approve } = governance.methods;
  await chain.settle([network.transaction([callOf(propose, payload)], { sender: ACCOUNTS.central })]);
  const vote = callOf(approve, { id: 1, hash: payloadHash(payload) });
  await chain.settle([ACCOUNTS.alfa, ACCOUNTS.beta].map((sender) => network.transaction([vote], { sender })));
  while (chain.height < terms.activateAt) await chain.settle([]);
}
