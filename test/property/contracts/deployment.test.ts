import { expect } from 'chai';
import fc from 'fast-check';
import { MapLayout } from '../../../contracts/api/state.js';
import { artefactHash, CHUNK_BYTES } from '../../../contracts/deployment/artefacts.js';
import { activeNames } from '../../../contracts/deployment/directory.js';
import { deploymentState } from '../../../contracts/deployment/records.js';
import { deployment } from '../../../contracts/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import {
  approvalOf,
  bundleHash,
  NOTES_PROGRAMS,
  registerCalls,
  sourceHash,
  uploadCalls,
} from '../../support/notesContract.js';
import { ACCOUNTS, BANKS, callOf, TestNetwork } from '../../support/settlementNetwork.js';

const d = deployment.methods;
const members: readonly (readonly [string, Address])[] = [
  [BANKS.alfa, ACCOUNTS.alfa],
  [BANKS.beta, ACCOUNTS.beta],
];
/** Sources that a stranger registers a bundle with. */
const JUNK = utf8Encode('junk');
const PROGRAMS = ['first', 'firstAgain', 'secondSame', 'second', 'unknown'];
const versionOf = (program: string) => (program.startsWith('second') ? 2 : 1);

/** One thing that a member does, whether or not it may. */
const step = fc.record({
  member: fc.constantFrom(0, 1),
  program: fc.constantFrom(...PROGRAMS),
  action: fc.constantFrom(
    'deploy',
    'deploy',
    'squat',
    'activate',
    'upload',
    'chunk',
    'remove',
    'register',
    'withdraw',
    'activate',
    'retire',
  ),
  index: fc.nat({ max: 2 }),
  size: fc.constantFrom(1, 7, CHUNK_BYTES),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function callsOf({ member, program, action, index, size }: Step): readonly Call[] {
  const bundle = bundleHash(program);
  const named = { name: 'notes', version: versionOf(program), bundle };
  switch (action) {
    case 'deploy':
      return registerCalls(program, versionOf(program));
    case 'upload':
      return registerCalls(program).slice(0, -1);
    case 'chunk':
      return [callOf(d.upload, { hash: bundle, index, total: 3, data: new Uint8Array(size).fill(1) })];
    case 'remove':
      return [callOf(d.removeUpload, { member: members[member]?.[0] ?? '', hash: bundle })];
    case 'register':
      return [callOf(d.register, { ...named, source: sourceHash, engine: TEST_ENGINE.hash })];
    case 'squat':
      return [
        ...registerCalls(program).slice(0, -1),
        ...uploadCalls('source', JUNK),
        callOf(d.register, { ...named, source: artefactHash('source', JUNK), engine: TEST_ENGINE.hash }),
      ];
    default:
      return [callOf(d.withdraw, { ...named, member: members[index % 2]?.[0] ?? '' })];
  }
}

const pendingLayout = new MapLayout('pending', deploymentState.pending);

/** Everything that is counted is as much as there is, and nothing is there that nothing names. */
function expectConsistent(network: TestNetwork): void {
  const rows = network.ledger.snapshot();
  const count = (map: string, member = '') =>
    rows.filter((row) => row.startsWith(`contracts ${map}\0${member}`)).length;
  for (const [member] of members) {
    const uploads = network.view(d.uploads, { member });
    const bytes = network.ledger.read('contracts', pendingLayout.key([member]));
    const pending = bytes === undefined ? { uploads: 0, bytes: 0 } : pendingLayout.decode(bytes);
    const sizeBytes = uploads.reduce((sum, upload) => sum + upload.sizeBytes, 0);
    expect(pending).to.deep.equal({ uploads: uploads.length, bytes: sizeBytes });
    expect(count('uploadedChunks', member)).to.equal(uploads.reduce((sum, { received }) => sum + received, 0));
  }
  const page = { name: 'notes', limit: 100, after: undefined };
  const named = [...network.view(d.candidates, page), ...network.view(d.versions, page)];
  expect(named.length).to.equal(count('candidates') + count('versions'));
  const bundles = new Set(named.map(({ bundle }) => toHex(bundle)));
  const sources = new Set(named.map(({ source }) => toHex(source)));
  expect(count('abis')).to.equal(bundles.size);
  expect(count('artefacts')).to.equal(bundles.size + sources.size);
  expect(count('chunks')).to.equal(count('artefacts'));
  const uses = rows.filter((row) => row.startsWith('contracts waiting\0')).length;
  expect(uses > 0).to.equal(count('candidates') > 0);
  const active = network.view(d.list, { limit: 10, after: undefined });
  expect(active.length).to.equal(Math.min(count('versions'), 1));
  for (const { version } of active) expect(version).to.equal(count('versions'));
  const inForce = activeNames((key) => network.ledger.read('contracts', key));
  expect(inForce).to.deep.equal(active.flatMap((each) => (each.active ? [each.name] : [])));
}

describe('what the chain keeps of bank contracts', () => {
  it('adds up after whatever members upload, register, take back and put in force', () => {
    let newest = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
        const network = new TestNetwork([], new FakeSandbox(NOTES_PROGRAMS));
        for (const each of steps) {
          const [, sender = ACCOUNTS.alfa] = members[each.member] ?? [];
          if (each.action === 'activate' || each.action === 'retire') {
            const activation = { ...approvalOf(bundleHash(each.program)), migrationFuel: 1_000_000 };
            network.govern(
              each.action === 'retire' ? callOf(d.retire, { name: 'notes' }) : callOf(d.activate, activation),
            );
          } else {
            network.run(sender, callsOf(each));
          }
          expectConsistent(network);
        }
        newest = Math.max(newest, network.view(d.status, { name: 'notes' })?.version ?? 0);
      }),
      { numRuns: 40 },
    );
    expect(newest, 'or these runs would prove little').to.be.at.least(2);
  }).timeout(60_000);
});
