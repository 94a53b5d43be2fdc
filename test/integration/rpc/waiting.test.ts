import { expect } from 'chai';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { signedTransaction, unsignedTransactions } from '../../support/signedPayments.js';

const validators = testValidators('waiting', 4);

interface Waited {
  readonly final: { readonly id: string; readonly height: number; readonly success: boolean; readonly code: string }[];
  readonly proofs: { readonly height: number; readonly receipts: readonly unknown[] }[];
  readonly unknown: string[];
}

describe('a wait for finality', () => {
  let chain: FakeChain;
  let node: FakeNode;

  beforeEach(async () => {
    chain = new FakeChain(validators);
    node = await startFakeNode(chain, { maxConcurrentWaits: 3, maxWaitedIds: 1_500 });
  });

  afterEach(async () => {
    await node.server.stop();
  });

  async function post(path: string, body: unknown, signal?: AbortSignal) {
    const response = await fetch(`${node.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: response.status, body: (await response.json()) as Waited & { error?: { code: string } } };
  }
  const submit = (hexes: readonly string[]) => post('/v1/transactions/batch', { transactions: hexes });

  /** Until the server has so many waits. */
  async function untilWaits(count: number): Promise<void> {
    for (let turn = 0; node.counts.get('vostro_rpc_waits_count') !== count; turn++) {
      if (turn > 1_000) expect.fail(`expected ${count} waits, found ${node.counts.get('vostro_rpc_waits_count')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('ends when the block is written, with status and proof', async () => {
    const good = signedTransaction('good');
    const bad = signedTransaction('bad', 'fail');
    await submit([good.hex, bad.hex]);
    const waiting = post('/v1/transactions/wait', { ids: [good.id, bad.id] });
    await untilWaits(1);
    chain.commit();
    const { body } = await waiting;
    expect(body.final).to.deep.equal([
      { id: good.id, height: 1, index: 0, success: true, code: '' },
      { id: bad.id, height: 1, index: 1, success: false, code: 'AMOUNT_ZERO' },
    ]);
    expect(body.proofs.map(({ receipts }) => receipts.length)).to.deep.equal([2]);
    expect(body.unknown).to.deep.equal([]);
    expect(node.counts.get('vostro_rpc_waits_count')).to.equal(0);
    expect(node.counts.get('vostro_rpc_waited_ids_count')).to.equal(0);
  });

  it('ends at once for what was final before, whether this server saw it or not', async () => {
    const seen = signedTransaction('seen');
    await submit([seen.hex]);
    chain.commit();
    expect((await post('/v1/transactions/wait', { ids: [seen.id] })).body.final).to.have.length(1);
    const late = await startFakeNode(chain);
    const response = await fetch(`${late.url}/v1/transactions/${seen.id}/wait?proofs=false`);
    const body = (await response.json()) as Waited;
    expect(body.final.map(({ id }) => id)).to.deep.equal([seen.id]);
    expect(body.proofs).to.deep.equal([]);
    await late.server.stop();
  });

  it('says unknown, with the id, when the time is over', async () => {
    const { id } = signedTransaction('never');
    const { status, body } = await post('/v1/transactions/wait', { ids: [id], timeoutMs: 20 });
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ final: [], proofs: [], unknown: [id] });
  });

  it('ends when the minimum is final, and groups proofs by block', async () => {
    const [first, second, third] = unsignedTransactions('min', 3);
    await submit([first?.hex as string]);
    chain.commit();
    await submit([second?.hex as string]);
    const ids = [first?.id, second?.id, third?.id];
    const waiting = post('/v1/transactions/wait', { ids, minimum: 2 });
    await untilWaits(1);
    chain.commit();
    const { body } = await waiting;
    expect(body.final.map(({ id }) => id)).to.have.members([first?.id, second?.id]);
    expect(body.proofs.map(({ height }) => height)).to.deep.equal([1, 2]);
    expect(body.unknown).to.deep.equal([third?.id]);
  });

  it('counts an id once, however often it is named', async () => {
    const one = signedTransaction('once');
    await submit([one.hex]);
    chain.commit();
    const { body } = await post('/v1/transactions/wait', { ids: [one.id, one.id], minimum: 2 });
    expect(body.final).to.have.length(1);
  });

  it('is refused beyond the limits of waits and of ids', async () => {
    const many = unsignedTransactions('many', 1_000).map(({ id }) => id);
    const control = new AbortController();
    const open = [1].map(() => post('/v1/transactions/wait', { ids: many }, control.signal).catch(() => undefined));
    await untilWaits(1);
    const tooManyIds = await post('/v1/transactions/wait', { ids: many });
    expect(tooManyIds.status).to.equal(429);
    expect(tooManyIds.body.error?.code).to.equal('TOO_MANY_WAITS');
    const [id] = many;
    open.push(...[1, 2].map(() => post('/v1/transactions/wait', { ids: [id] }, control.signal).catch(() => undefined)));
    await untilWaits(3);
    expect((await post('/v1/transactions/wait', { ids: [id] })).body.error?.code).to.equal('TOO_MANY_WAITS');
    control.abort();
    await Promise.all(open);
    // The server learns of a client that is gone, and frees its wait.
    await untilWaits(0);
  });

  it('ends with what is known when the node stops', async () => {
    const { id } = signedTransaction('stopping');
    const waiting = post('/v1/transactions/wait', { ids: [id] });
    await untilWaits(1);
    await node.server.stop();
    expect((await waiting).body.unknown).to.deep.equal([id]);
    expect(chain.listeners).to.equal(0);
  });
});
