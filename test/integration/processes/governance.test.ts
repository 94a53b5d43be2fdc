import { expect } from 'chai';
import { VostroClient } from '../../../client/client.js';
import { callOf } from '../../../contracts/api/method.js';
import { governance, membership } from '../../../contracts/index.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Call } from '../../../primitives/types.js';
import { BankBook, heightOf, onlyOf, PaymentFlow } from '../../support/processes/bankBook.js';
import { Newcomer } from '../../support/processes/newcomer.js';
import { backend, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { until } from '../../support/processes/until.js';

const CENTRAL_BANK = 'CBVODEFF';
/** Blocks from a proposal to its activation: time for the others to approve and for a new node to catch up. */
const NOTICE = 120;
const MAX_NOTICE = 480;
/** More rounds than this in one height would be a stall. */
const MAX_ROUND = 3;

describe('a network of processes that changes who validates', function () {
  this.timeout(600_000);
  let network: ProcessNetwork;
  let book: BankBook;
  let flow: PaymentFlow;
  const newcomers: Newcomer[] = [];
  const clients: VostroClient[] = [];

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
    flow = new PaymentFlow(book, 'GOV', 2);
  });

  after(async () => {
    await flow?.stop().catch(() => undefined);
    for (const client of clients) client.close();
    await Promise.allSettled(newcomers.map(({ process }) => process.kill()));
    await network?.remove();
  });

  const operator = () => network.operator(network.validators[0] as (typeof network.validators)[number]);
  const voters = () => [CENTRAL_BANK, ...book.banks];

  const validatorsOf = (client: VostroClient) => client.read(membership.methods.validators, {});

  /**
   * Somebody proposes at the command line, and three others approve what they are shown. Where the height comes before a
   * program of an approval or a new node has started, it is proposed again with twice the notice.
   */
  async function decide(...words: readonly string[]): Promise<void> {
    for (let notice = NOTICE; ; notice *= 2) {
      const end = await decideWithin(notice, words).catch((error: unknown) => {
        if (isCodedError(error) && error.message.includes('"status":"expired"')) return 'expired';
        throw error;
      });
      const isTooLate = end === 'expired' || end === 'failed NOT_READY';
      if (!isTooLate || notice >= MAX_NOTICE) return void expect(end).to.equal('activated');
    }
  }

  /** @returns how the proposal ended */
  async function decideWithin(notice: number, words: readonly string[]): Promise<string> {
    const [proposer = '', ...others] = voters();
    const proposed = await operator().must<{ id: number; hash: string }>(
      ...['governance', 'propose', ...words, '--at', `+${notice}`, '--account', proposer],
    );
    const id = String(proposed.id);
    for (const voter of others.slice(0, 3)) {
      await operator().must('governance', 'approve', id, '--hash', proposed.hash, '--yes', '--account', voter);
    }
    return untilEnded(proposed.id);
  }

  async function untilEnded(id: number): Promise<string> {
    const read = () => book.client.read(governance.methods.proposal, { id });
    const activateAt = (await read())?.activateAt ?? 0;
    // However slow the machine: each few blocks must come in time.
    for (let height = await heightOf(book.client); height < activateAt; ) {
      const next = Math.min(activateAt, height + 10);
      height = await until(`height ${next}`, async () => {
        const reached = await heightOf(book.client);
        return reached >= next && reached;
      });
    }
    const proposal = await read();
    return `${proposal?.status} ${proposal?.code ?? ''}`.trim();
  }

  /** The same by a program, for several calls at once. */
  async function decideCalls(calls: readonly Call[]): Promise<void> {
    const [proposer = '', ...others] = voters();
    const activateAt = (await heightOf(book.client)) + 40;
    const terms = { activateAt, expiresAt: Date.now() + 600_000, description: 'newcomers' };
    const { propose, approve } = governance.methods;
    const { receipt } = await book.settle(proposer, callOf(propose, { calls, ...terms }));
    const made = propose.returns?.decode(receipt.results[0] ?? new Uint8Array());
    if (made === undefined) return expect.fail('a proposal has a number');
    for (const voter of others.slice(0, 3)) await book.settle(voter, callOf(approve, made));
    expect(await untilEnded(made.id)).to.equal('activated');
  }

  const registerNode = ({ bic: member, peerId, peerAddress }: Newcomer): Call =>
    callOf(membership.methods.registerNode, { member, peerId, role: 'validator', addresses: [peerAddress] });

  /** A client that believes one node alone. */
  function clientOf(rpcUrl: string): VostroClient {
    const client = new VostroClient({ urls: [rpcUrl], trust: network.trusted, timeoutMs: 60_000 }, { backend });
    clients.push(client);
    return client;
  }

  /** Every node has the list, decides by it, and payments become final by it. */
  async function expectValidators(count: number): Promise<void> {
    const all = [...network.members.map(({ node }) => node.rpcUrl), ...newcomers.map(({ rpcUrl }) => rpcUrl)];
    for (const url of all) {
      const client = clientOf(url);
      await until(`${count} validators at ${url}`, async () => (await validatorsOf(client)).length === count);
    }
    const settled = flow.settled;
    await until('payments under the new list', () => flow.settled > settled + 20);
  }

  it('grows from four validators to seven while payments flow', async () => {
    const plan = [CENTRAL_BANK, 'ECHOGB2L', 'FOXTATWW'];
    for (const [index, bic] of plan.entries()) newcomers.push(await Newcomer.create(network, bic, 5 + index));
    const register = (member: string, lei: string) =>
      callOf(membership.methods.registerMember, { member, lei, name: `Member ${member}`, roles: ['custodian'] });
    await decideCalls([
      register('ECHOGB2L', '529900T8BM49AURSDO55'),
      register('FOXTATWW', '5299000J2N45DDNE4Y28'),
      ...newcomers.map(registerNode),
    ]);
    for (const { bic, key } of newcomers) {
      await operator().must(
        ...['keys', 'register', key.publicKey, '--possession', key.possession],
        ...['--member', bic, '--account', CENTRAL_BANK],
      );
    }
    await Promise.all(newcomers.map(({ process }) => process.start()));
    await decide('validators', ...plan.flatMap((bic) => ['--add', bic]));
    await expectValidators(7);
  });

  it('shrinks from seven to four', async () => {
    await decide('validators', ...[CENTRAL_BANK, 'ECHOGB2L', 'FOXTATWW'].flatMap((bic) => ['--remove', bic]));
    await expectValidators(4);
    await Promise.all(newcomers.map(({ process }) => process.stop()));
    newcomers.length = 0;
  });

  it('moves a validator to another machine under another key, and goes on without the old one', async () => {
    const old = network.validators[0] as (typeof network.validators)[number];
    const { bic } = old.node.member;
    const next = await Newcomer.create(network, bic, 8);
    newcomers.push(next);
    await decideCalls([registerNode(next)]);
    await operator().must(
      ...['keys', 'register', next.key.publicKey, '--possession', next.key.possession],
      ...['--label', 'validator-2', '--account', bic],
    );
    await next.process.start();
    await decide('validators', '--rotate', `${bic}/validator-2`);
    const client = clientOf(next.rpcUrl);
    const listed = await until('the new key to be listed at its own node', async () => {
      const keys = (await validatorsOf(client)).map(({ address }) => address);
      return keys.includes(next.key.address) && keys;
    });
    expect(listed).to.have.lengthOf(4);
    await old.process.stop();
    const settled = flow.settled;
    await until('payments without the old node', () => flow.settled > settled + 20);
  });

  it('has every payment final once, the same state everywhere, and no height that took many rounds', async () => {
    await flow.stop();
    const rest = network.members.filter(({ process }) => process.running);
    const [next] = newcomers;
    const sources = [...rest.map((member) => onlyOf(network, member)), clientOf(next?.rpcUrl ?? '')];
    const height = Math.max(...(await Promise.all(sources.map(heightOf))));
    const roots = new Set<string>();
    for (const client of sources) {
      await until('the newest block', async () => (await heightOf(client)) >= height);
      roots.add((await client.call('block', { height })).stateRoot);
      expect([...(await book.balances(client))]).to.deep.equal([...book.expected]);
    }
    expect(roots.size).to.equal(1);
    const [client] = sources as [VostroClient];
    const rounds: number[] = [];
    for (let at = 1; at <= height; at++) rounds.push((await client.call('block', { height: at })).round);
    expect(Math.max(...rounds)).to.be.at.most(MAX_ROUND);
    expect(flow.settled).to.be.greaterThan(100);
  });
});
