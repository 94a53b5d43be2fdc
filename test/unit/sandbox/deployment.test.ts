import { expect } from 'chai';
import { callOf } from '../../../contracts/api/method.js';
import { artefactHash } from '../../../contracts/deployment/artefacts.js';
import { deployment } from '../../../contracts/index.js';
import { utf8Encode } from '../../../primitives/text.js';
import { StandardSandbox } from '../../../sandbox/standardSandbox.js';
import { approvalOf, registerBundle } from '../../support/notesContract.js';
import { bundleContract } from '../../support/sandbox/bundle.js';
import { first, second } from '../../support/sandbox/contracts/notes.js';
import { ACCOUNTS, TestNetwork } from '../../support/settlementNetwork.js';

const NOTES = 'test/support/sandbox/contracts/notes.ts';
const MIGRATION_FUEL = 100_000_000;

describe('a contract that a bank deploys', () => {
  const bundles = new Map<string, Uint8Array>();

  before(async () => {
    for (const version of ['first', 'second']) {
      bundles.set(version, utf8Encode(await bundleContract(NOTES, version)));
    }
  });

  it('is loaded in the sandbox, approved, put in force, called, and followed by its next version', () => {
    const network = new TestNetwork([], new StandardSandbox());
    const deploy = (program: 'first' | 'second', version: number): string => {
      const bundle = bundles.get(program) ?? new Uint8Array();
      for (const call of registerBundle(bundle, version)) {
        const { failure } = network.run(ACCOUNTS.alfa, [call]);
        expect(['', 'ARTEFACT_KNOWN'], failure?.message).to.include(failure?.code ?? '');
      }
      const target = { ...approvalOf(artefactHash('bundle', bundle)), migrationFuel: MIGRATION_FUEL };
      return network.govern(callOf(deployment.methods.activate, target));
    };
    const write = (text: string) => {
      const args = first.codec.encodeArgs('write', { id: 'one', text });
      return network.ok(ACCOUNTS.beta, { contract: 'notes', method: 'write', args });
    };
    const read = (contract: typeof first) => {
      const args = contract.codec.encodeArgs('read', { id: 'one' });
      return contract.codec.decodeResult('read', network.ledger.view({ contract: 'notes', method: 'read', args }));
    };
    expect(deploy('first', 1)).to.equal('');
    expect(write('remember').fuelUsed).to.be.above(50_000);
    expect(read(first)).to.equal('remember');
    expect(deploy('second', 2)).to.equal('');
    expect(read(second)).to.deep.equal({ text: 'remember', length: 8 });
    write('and this');
    expect(read(second)).to.deep.equal({ text: 'and this', length: 8 });
  });
});
