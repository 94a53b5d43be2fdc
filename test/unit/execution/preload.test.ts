import { expect } from 'chai';
import { RANGE_LIMIT } from '../../../contracts/api/rangeLimit.js';
import { MapLayout } from '../../../contracts/api/state.js';
import { DEPLOYMENT } from '../../../contracts/deployment/directory.js';
import { Programs } from '../../../contracts/deployment/programs.js';
import { deploymentState } from '../../../contracts/deployment/records.js';
import { namespaceOf } from '../../../contracts/runtime/namespaces.js';
import { MemoryState } from '../../../contracts/testing/memoryState.js';
import { deployedContracts, preload } from '../../../node/execution/blockContracts.js';
import { bundleOf, FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { bundleHash, NOTES_PROGRAMS } from '../../support/notesContract.js';

const contracts = new MapLayout('contracts', deploymentState.contracts);
const active = new MapLayout('active', deploymentState.active);
const artefacts = new MapLayout('artefacts', deploymentState.artefacts);
const chunks = new MapLayout('chunks', deploymentState.chunks);

describe('a node that opens its chain', () => {
  // PROTOCOL §Deployment T7.
  it('loads every contract in force, however many were before it', () => {
    const state = new MemoryState();
    const put = (key: string, value: Uint8Array) => state.put(namespaceOf(DEPLOYMENT) + key, value);
    const bundle = bundleHash('first');
    const record = { version: 1, bundle, engine: TEST_ENGINE.hash };
    for (let index = 0; index <= RANGE_LIMIT; index++) {
      put(contracts.key([`a${index}`]), contracts.encode({ ...record, active: false }));
    }
    put(contracts.key(['notes']), contracts.encode({ ...record, active: true }));
    put(active.key([]), active.encode(['notes']));
    const bytes = bundleOf('first');
    const artefact = { kind: 'bundle', total: 1, sizeBytes: bytes.length, uses: RANGE_LIMIT + 2 } as const;
    put(artefacts.key([bundle]), artefacts.encode(artefact));
    put(chunks.key([bundle, 0]), chunks.encode(bytes));

    const sandbox = new FakeSandbox(NOTES_PROGRAMS);
    const sources = { standard: new Map(), programs: new Programs([sandbox]) };
    preload(deployedContracts(sources, state), sources, state);
    expect(sandbox.loads).to.deep.equal(['first']);
  });
});
