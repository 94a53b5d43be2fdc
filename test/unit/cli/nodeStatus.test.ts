import { expect } from 'chai';
import { membership } from '../../../contracts/membership/membership.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { healthOfFour, validatorOf } from '../../support/health.js';
import { runVostro, runVostroJson } from './fakeHost.js';

describe('vostro node status', () => {
  let node: FakeNode;

  before(async () => {
    const chain = new FakeChain(testValidators('status', 4));
    const lei = '529900T8BM49AURSDO55';
    const members = [{ member: 'BORLFRPP', lei, name: 'Borealis Bank', roles: ['bank' as const], suspended: false }];
    chain.viewOf = () => membership.methods.members.returns?.encode(members) as never;
    node = await startFakeNode(chain);
  });

  after(() => node.server.stop());

  it('shows round and leader, and every validator by its member’s name', async () => {
    node.health = healthOfFour({
      validators: [
        validatorOf(0),
        validatorOf(1, { heardAgoMs: 400 }),
        validatorOf(2, {
          heard: false,
          silent: true,
          connected: false,
          heardAgoMs: 65_000,
          missedTurns: 3,
          signed: 12,
        }),
        validatorOf(3),
      ],
    });
    const { exitCode, stdout } = await runVostro(['node', 'status', '--rpc', node.url]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('0 of height 121, led by BORLFRPP');
    expect(stdout).to.contain('3 of 4 heard, 3 decide; silent: CYGNNLNA');
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    const rowOf = (bic: string) => rows.find(([first]) => first === bic);
    expect(rowOf('BORLFRPP')).to.deep.equal([
      'BORLFRPP',
      'Borealis Bank',
      'connected',
      '0.4 s ago',
      '121',
      '0',
      '0',
      '80 of 100',
    ]);
    expect(rowOf('CYGNNLNA')?.slice(1)).to.deep.equal(['-', 'SILENT', '65 s ago', '121', '0', '3', '12 of 100']);
    expect(rowOf('AURLDEFF')?.slice(2, 4)).to.deep.equal(['this node', '-']);
  });

  it('gives programs the same in one envelope', async () => {
    node.health = healthOfFour();
    const { envelope } = await runVostroJson(['node', 'status', '--rpc', node.url]);
    expect(envelope.data).to.deep.include({ node: 'alpha', mode: 'validating', quorum: 3 });
    expect(envelope.data).to.deep.include({ validators: node.health.validators, consensus: node.health.consensus });
  });
});
