import { expect } from 'chai';
import { BundleRefusal } from '../../../contracts/deployment/programs.js';
import { toHex } from '../../../primitives/bytes.js';
import { utf8Encode } from '../../../primitives/text.js';
import { ENGINE_PIN } from '../../../sandbox/enginePin.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import { StandardSandbox } from '../../../sandbox/standardSandbox.js';
import { hostileProgram } from '../../support/sandbox/hostileContracts.js';

describe('the engine of this version', () => {
  it('is the one that genesis files name', () => {
    const { version, hash } = createStandardEngine();
    const [found, next] = [toHex(hash), version + 1];
    const how = `The engine has changed. Before a release has named it: put ${found} into sandbox/enginePin.ts; after: make it version ${next}.`;
    expect({ version, hash: toHex(hash) }, how).to.deep.equal(ENGINE_PIN);
  });

  it('loads bundles, or says in one word why not', () => {
    const sandbox = new StandardSandbox();
    const bundle = utf8Encode(hostileProgram([]));
    const loaded = sandbox.load(bundle, 100_000_000);
    expect([loaded.name, loaded.version, loaded.abi().name]).to.deep.equal(['hostile', 1, 'hostile']);
    expect(loaded.schemasOf?.('fine')?.kind).to.equal('tx');
    const refusals = [
      utf8Encode('ü'),
      utf8Encode('for (;;);'),
      utf8Encode('nobody()'),
      utf8Encode(hostileProgram([]).replace("'hostile'", "'Hostile'")),
    ].map((bytes) => {
      try {
        return sandbox.load(bytes, 2 * loaded.loadFuel).name;
      } catch (error) {
        return error instanceof BundleRefusal ? error.reason : error;
      }
    });
    expect(refusals).to.deep.equal(['text', 'loadFuel', 'exception', 'abi']);
  });
});
