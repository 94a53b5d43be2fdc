import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cash, payments } from '../../../contracts/index.js';
import { verifyFinalityProof } from '../../../primitives/finality.js';
import type { Validator } from '../../../primitives/types.js';
import { EngineNetwork, type EngineNode, VALIDATORS } from '../../support/engineNetwork.js';
import { ACCOUNTS, CENTRAL_BANK, callOf, KEYS, TODAY } from '../../support/settlementNetwork.js';
import { backend } from '../../unit/engine/support/chain.js';
import { until } from '../../unit/engine/support/cluster.js';

describe('engines over real chains', function () {
  this.timeout(60_000);
  let nodes: EngineNetwork;
  let validators: EngineNode[];
  let observer: EngineNode;

  before(async () => {
    nodes = new EngineNetwork(await mkdtemp(join(tmpdir(), 'vostro-engines-')));
    for (const [bic, key] of VALIDATORS) await nodes.createJournal(bic, key);
    validators = [];
    for (const [bic, key] of VALIDATORS) validators.push(await nodes.start(bic, key));
    observer = await nodes.start(CENTRAL_BANK, undefined);
  });
  after(() => nodes.close());

  it('settles signed payments with the same state everywhere, and proves each receipt', async () => {
    const [alfa] = validators as [EngineNode];
    await nodes.settle(observer, KEYS.central, [callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY })]);
    const issue = { currency: 'EUR', account: ACCOUNTS.alfa, amount: 1_000n, reserveReference: 'RESERVE-1' };
    await nodes.settle(observer, KEYS.central, [callOf(cash.methods.issue, issue)]);
    const pays = Array.from({ length: 20 }, (_, index) =>
      nodes.transaction(KEYS.alfa, [
        callOf(payments.methods.pay, {
          debtor: ACCOUNTS.alfa,
          creditor: ACCOUNTS.beta,
          currency: 'EUR',
          amount: 5n,
          reference: `PAY-${index}`,
        }),
      ]),
    );
    await Promise.all(pays.map(({ bytes }) => alfa.mempool.admit(bytes)));
    for (const { id } of pays) await nodes.final(id);
    for (const node of nodes.running) {
      expect(await nodes.balance(node, ACCOUNTS.alfa)).to.equal(900n);
      expect(await nodes.balance(node, ACCOUNTS.beta)).to.equal(100n);
    }
    const trusted = { chainId: nodes.genesis.chainId, genesisHash: nodes.hash, validators: genesisValidators(alfa) };
    for (const { id } of pays) {
      const proof = await observer.executor.proof(id);
      expect(proof === undefined ? undefined : verifyFinalityProof(proof, trusted, backend)).not.to.equal(undefined);
    }
  });

  it('executes what a leader builds while it builds it', () => {
    const { begun, used } = nodes.headStarts;
    expect(used, 'of the blocks above').to.be.greaterThan(0);
    expect(used).to.be.at.most(begun);
  });

  it('lets a bank that was away catch up and sign again', async () => {
    const gamma = validators[2] as EngineNode;
    await nodes.stop(gamma);
    const pay = (reference: string) =>
      callOf(payments.methods.pay, {
        debtor: ACCOUNTS.beta,
        creditor: ACCOUNTS.alfa,
        currency: 'EUR',
        amount: 1n,
        reference,
      });
    const beta = validators[1] as EngineNode;
    for (let i = 0; i < 3; i++) await nodes.settle(beta, KEYS.beta, [pay(`AWAY-${i}`)]);
    const back = await nodes.start(gamma.bic, gamma.key);
    await nodes.settle(beta, KEYS.beta, [pay('BACK')]);
    expect(await nodes.balance(back, ACCOUNTS.beta)).to.equal(96n);
    await until('it takes part', () => back.engine.status().consensus?.isSigning === true);
  });
});

function genesisValidators({ executor }: EngineNode): readonly Validator[] {
  return executor.head().validators;
}
