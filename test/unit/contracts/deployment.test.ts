import { expect } from 'chai';
import { StructSchema } from '../../../contracts/api/composites.js';
import type { StandardContract } from '../../../contracts/api/define.js';
import { t } from '../../../contracts/api/t.js';
import { artefactHash, CHUNK_BYTES } from '../../../contracts/deployment/artefacts.js';
import { isFreeName, RESERVED_NAMES } from '../../../contracts/deployment/names.js';
import {
  LOAD_FUEL,
  MAX_CANDIDATES,
  MAX_CONTRACTS,
  MAX_ENGINES,
  MAX_MIGRATION_FUEL,
  MAX_PENDING_BYTES,
  MAX_PENDING_UPLOADS,
  STALE_UPLOAD_MS,
} from '../../../contracts/deployment/records.js';
import { cash, deployment, governance, standardContracts } from '../../../contracts/index.js';
import { utf8Decode, utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import { bundleOf, FakeSandbox, TEST_ENGINE } from '../../support/fakeSandbox.js';
import { labCall } from '../../support/labContract.js';
import {
  approvalOf,
  bundleHash,
  NOTES_PROGRAMS,
  NOTES_SOURCE,
  registerCalls,
  sourceHash,
  uploadCalls,
} from '../../support/notesContract.js';
import { firstVersion } from '../../support/sandbox/contracts/notes.js';
import { ACCOUNTS, BANKS, callOf, KEYS, TestNetwork, TODAY_MS } from '../../support/settlementNetwork.js';

const d = deployment.methods;
const { alfa, beta, gamma, central, custodian } = ACCOUNTS;
const otherEngine = { version: 2, hash: new Uint8Array(32).fill(7) };
const writeArgs = new StructSchema({ id: t.id, text: t.text(100) });
const idArgs = new StructSchema({ id: t.id });

const write = (id: string, text: string): Call => labCall('notes', 'write', writeArgs.encode({ id, text }));
const registration = (program: string, change: object = {}): Call =>
  callOf(d.register, {
    ...{ name: 'notes', version: 1, bundle: bundleHash(program), source: sourceHash, engine: TEST_ENGINE.hash },
    ...change,
  });
const withdrawal = (program: string, member: string = BANKS.alfa): Call =>
  callOf(d.withdraw, { name: 'notes', version: 1, bundle: bundleHash(program), member });
const activation = (program: string, migrationFuel = 1_000_000): Call =>
  callOf(d.activate, { ...approvalOf(bundleHash(program)), migrationFuel });

/** Programs of these names that say that they are contracts of these names. */
function sameAs(names: readonly string[]): Readonly<Record<string, StandardContract>> {
  return Object.fromEntries(names.map((name) => [name, firstVersion(name)]));
}

describe('the contract that deploys contracts', () => {
  let sandbox: FakeSandbox;
  let network: TestNetwork;
  const seen = new Set<string>();

  beforeEach(() => {
    sandbox = new FakeSandbox(NOTES_PROGRAMS);
    network = new TestNetwork([], sandbox);
  });

  afterEach(() => {
    for (const name of network.codesSeen) seen.add(name);
  });

  /** Code and data of a refusal, as `CODE {json}`. */
  const refusal = (sender: Address, call: Call | readonly Call[]): string => {
    const { code, data } = network.refused(sender, call);
    return `${code} ${JSON.stringify(data)}`;
  };
  const noteOf = (id: string): string => {
    const call = labCall('notes', 'read', idArgs.encode({ id }));
    return utf8Decode(network.ledger.view(call).slice(1));
  };
  const lengthOf = (id: string): number =>
    network.ledger.view(labCall('notes', 'length', idArgs.encode({ id })))[0] ?? 0;
  const deploy = (program: string, version = 1): string => {
    network.ok(alfa, registerCalls(program, version));
    return network.govern(activation(program));
  };

  it('keeps the names of all standard contracts from those of banks', () => {
    for (const { name } of standardContracts()) expect(RESERVED_NAMES).to.include(name);
    for (const name of ['all', 'sandbox', 'vostroAny', 'Notes', '9notes', 'no-tes', '']) {
      expect(isFreeName(name), name).to.equal(false);
    }
    expect(isFreeName('notes')).to.equal(true);
  });

  // PROTOCOL §Deployment T1.
  describe('with engines', () => {
    it('has the one of the genesis, and takes more from governance alone', () => {
      expect(network.view(d.engines, {})).to.deep.equal([TEST_ENGINE]);
      expect(refusal(alfa, callOf(d.allowEngine, otherEngine))).to.match(/^UNAUTHORISED/);
      expect(network.govern(callOf(d.allowEngine, otherEngine))).to.equal('');
      expect(network.view(d.engines, {})).to.deep.equal([TEST_ENGINE, otherEngine]);
    });

    it('has each once, and only so many', () => {
      expect(network.govern(callOf(d.allowEngine, TEST_ENGINE))).to.equal('ENGINE_EXISTS');
      for (let count = 1; count < MAX_ENGINES; count++) {
        const engine = { version: 2, hash: new Uint8Array(32).fill(count) };
        expect(network.govern(callOf(d.allowEngine, engine))).to.equal('');
      }
      expect(network.govern(callOf(d.allowEngine, otherEngine))).to.equal('ENGINES_TOO_MANY');
    });

    it('keeps the one that a contract in force runs on, and the last one', () => {
      const retire = callOf(d.retireEngine, { engine: TEST_ENGINE.hash });
      expect(network.govern(retire)).to.equal('ENGINE_IN_USE');
      expect(deploy('first')).to.equal('');
      expect(network.govern(callOf(d.allowEngine, otherEngine))).to.equal('');
      expect(network.govern(retire)).to.equal('ENGINE_IN_USE');
      expect(network.govern(callOf(d.retire, { name: 'notes' }), retire)).to.equal('');
      expect(network.govern(retire)).to.equal('ENGINE_UNKNOWN');
      expect(network.view(d.engines, {})).to.deep.equal([otherEngine]);
    });

    it('registers nothing for one that the chain does not name, and activates nothing for one that is gone', () => {
      network.ok(alfa, registerCalls('first').slice(0, -1));
      expect(refusal(alfa, registration('first', { engine: otherEngine.hash }))).to.match(/^ENGINE_UNKNOWN/);
      network.ok(alfa, registration('first'));
      const retire = callOf(d.retireEngine, { engine: TEST_ENGINE.hash });
      expect(network.govern(callOf(d.allowEngine, otherEngine), retire)).to.equal('');
      expect(network.govern(activation('first'))).to.equal('ENGINE_UNKNOWN');
    });
  });

  // PROTOCOL §Deployment T2.
  describe('with uploads', () => {
    const large = new Uint8Array(2 * CHUNK_BYTES + 5).fill(59);
    const [first, second, third] = uploadCalls('bundle', large) as [Call, Call, Call];
    const uploads = (member: string = BANKS.alfa) =>
      network.view(d.uploads, { member }).map(({ received, total, sizeBytes }) => [received, total, sizeBytes]);
    const { hash } = d.upload.args.decode(first.args);

    it('takes chunks in any order, and the same one again', () => {
      network.ok(alfa, third);
      network.ok(alfa, [first, first]);
      expect(uploads()).to.deep.equal([[2, 3, CHUNK_BYTES + 5]]);
      expect(network.view(d.missing, { member: BANKS.alfa, hash, total: 3 })).to.deep.equal([1]);
      const { events } = network.ok(alfa, second);
      expect(events.map(({ name }) => name)).to.deep.equal(['Uploaded']);
      expect(network.ok(alfa, second).events).to.deep.equal([]);
      expect(uploads()).to.deep.equal([[3, 3, large.length]]);
    });

    it('is for members that vote', () => {
      const signers = [KEYS.custodianOne.address, KEYS.custodianTwo.address];
      expect(network.refused(custodian, first, signers).data).to.deep.equal({
        ...{ rule: 'role', subject: 'centralBank or bank' },
      });
      network.suspend(BANKS.alfa);
      expect(refusal(alfa, first)).to.match(/^SUSPENDED/);
    });

    it('refuses chunks that are none', () => {
      const chunk = (index: number, total: number, size: number) =>
        callOf(d.upload, { hash, index, total, data: new Uint8Array(size).fill(1) });
      expect(refusal(alfa, chunk(0, 2, 5))).to.equal('CHUNK_INVALID {"index":0,"total":2}');
      expect(refusal(alfa, chunk(2, 2, 5))).to.equal('CHUNK_INVALID {"index":2,"total":2}');
      expect(refusal(alfa, chunk(0, 0, 5))).to.equal('CHUNK_INVALID {"index":0,"total":0}');
      network.ok(alfa, first);
      expect(refusal(alfa, chunk(0, 2, CHUNK_BYTES))).to.equal('UPLOAD_MISMATCH {"total":3}');
    });

    it('keeps those of one member apart from those of another', () => {
      const spoilt = callOf(d.upload, { hash, index: 0, total: 3, data: new Uint8Array(CHUNK_BYTES) });
      network.ok(beta, spoilt);
      network.ok(alfa, [first, second, third]);
      expect(uploads(BANKS.beta)).to.deep.equal([[1, 3, CHUNK_BYTES]]);
      expect(uploads()).to.deep.equal([[3, 3, large.length]]);
    });

    it('bounds what a member has there, and takes more once it has removed some', () => {
      const upload = (number: number, size: number, index = 0, total = 1) =>
        callOf(d.upload, { hash: new Uint8Array(32).fill(number), index, total, data: new Uint8Array(size) });
      for (let number = 0; number < MAX_PENDING_UPLOADS; number++) network.ok(alfa, upload(number, 1));
      expect(refusal(alfa, upload(99, 1))).to.equal(`UPLOADS_TOO_MANY {"limit":${MAX_PENDING_UPLOADS}}`);
      network.ok(alfa, callOf(d.removeUpload, { member: BANKS.alfa, hash: new Uint8Array(32) }));
      network.ok(alfa, upload(99, 1));
      network.ok(beta, upload(99, 1));

      let held = 1;
      for (let number = 0; held + CHUNK_BYTES <= MAX_PENDING_BYTES; number++) {
        network.ok(beta, upload(Math.floor(number / 11), CHUNK_BYTES, number % 11, 11));
        held += CHUNK_BYTES;
      }
      const next = upload(50, CHUNK_BYTES, 0, 11);
      expect(refusal(beta, next)).to.equal(`PENDING_TOO_LARGE {"limit":${MAX_PENDING_BYTES}}`);
      network.ok(beta, callOf(d.removeUpload, { member: BANKS.beta, hash: new Uint8Array(32) }));
      network.ok(beta, next);
    });

    it('lets anybody who may upload remove what was left alone for a week', () => {
      network.ok(alfa, first);
      const remove = callOf(d.removeUpload, { member: BANKS.alfa, hash });
      expect(refusal(beta, remove)).to.equal(`NOT_ENTITLED {"member":"${BANKS.alfa}"}`);
      const at = (timestamp: number) =>
        network.ledger.run({ sender: beta, calls: [remove], height: 2, timestamp }).failure?.code;
      expect(at(TODAY_MS + STALE_UPLOAD_MS - 1)).to.equal('NOT_ENTITLED');
      expect(at(TODAY_MS + STALE_UPLOAD_MS)).to.equal(undefined);
      expect(refusal(beta, remove)).to.match(/^UPLOAD_UNKNOWN/);
      const rows = network.ledger.snapshot().filter((row) => /^contracts (upload|pending)/.test(row));
      expect(rows).to.deep.equal([]);
    });
  });

  // PROTOCOL §Deployment T3, T4.
  describe('registering', () => {
    it('makes a candidate, with its ABI, bundle and source on the chain, and nothing left of the uploads', () => {
      const { events } = network.ok(alfa, registerCalls('first'));
      expect(events.map(({ name }) => name)).to.deep.equal(['Uploaded', 'Uploaded', 'Registered']);
      const [candidate] = network.view(d.candidates, { name: 'notes', limit: 10, after: undefined });
      expect(candidate).to.deep.include({ version: 1, bundle: bundleHash('first'), member: BANKS.alfa });
      expect(candidate?.loadFuel).to.equal(1_000 * bundleOf('first').length);
      const abi = network.view(d.abi, { bundle: bundleHash('first') });
      expect(JSON.parse(utf8Decode(abi ?? new Uint8Array()))).to.deep.equal(NOTES_PROGRAMS['first']?.abi());
      expect(network.view(d.chunk, { hash: sourceHash, index: 0 })).to.deep.equal(NOTES_SOURCE);
      expect(network.view(d.artefact, { hash: sourceHash })).to.deep.equal({
        ...{ kind: 'source', total: 1, sizeBytes: NOTES_SOURCE.length },
      });
      expect(network.view(d.uploads, { member: BANKS.alfa })).to.deep.equal([]);
      expect(network.view(d.status, { name: 'notes' })).to.equal(undefined);
      expect(network.refused(alfa, write('a', 'text')).code, 'no candidate can be called').to.equal('CONTRACT_UNKNOWN');
    });

    it('charges for loading', () => {
      const fuelOf = (size: number) => {
        const fresh = new TestNetwork([], new FakeSandbox(NOTES_PROGRAMS));
        const bundle = bundleOf('first', size);
        fresh.ok(alfa, [...uploadCalls('bundle', bundle), ...uploadCalls('source', NOTES_SOURCE)]);
        const hash = d.upload.args.decode((uploadCalls('bundle', bundle)[0] as Call).args).hash;
        return fresh.ok(alfa, registration('first', { bundle: hash })).fuelUsed;
      };
      expect(fuelOf(1_000) - fuelOf(100)).to.be.above(900 * 1_000);
    });

    it('loads with no more fuel than there is left, and ends the transaction where that is too little', () => {
      const bundle = bundleOf('first', 1_000);
      network.ok(alfa, [...uploadCalls('bundle', bundle), ...registerCalls('unknown').slice(0, -1)]);
      const run = (change: object, maxFuel: number) => {
        const calls = [registration('unknown', change)];
        const { failure, fuelUsed } = network.ledger.run({ sender: alfa, calls, maxFuel });
        return { code: failure?.code, fuelUsed, loadedWith: sandbox.newestLimit ?? 0 };
      };
      const valid = { bundle: artefactHash('bundle', bundle) };
      const tooLittle = run(valid, 900_000);
      expect(tooLittle).to.deep.include({ code: 'OUT_OF_FUEL', fuelUsed: 900_000 });
      expect(tooLittle.loadedWith).to.be.within(500_000, 899_999);
      const refused = run({}, LOAD_FUEL);
      expect(refused).to.deep.include({ code: 'OUT_OF_FUEL', fuelUsed: LOAD_FUEL });
      expect(refused.loadedWith).to.be.within(LOAD_FUEL / 2, LOAD_FUEL - 1);
      expect(run({}, 2 * LOAD_FUEL)).to.deep.include({ code: 'BUNDLE_REFUSED', loadedWith: LOAD_FUEL });
      expect(run(valid, 2 * LOAD_FUEL)).to.deep.include({ code: undefined, loadedWith: LOAD_FUEL });
    });

    it('refuses bytes that are not what their hash says', () => {
      const forged = callOf(d.upload, { hash: bundleHash('first'), index: 0, total: 1, data: bundleOf('second') });
      network.ok(alfa, [forged, ...uploadCalls('source', NOTES_SOURCE)]);
      expect(refusal(alfa, registration('first'))).to.match(/^HASH_MISMATCH {"kind":"bundle","expected"/);
    });

    it('does not take a source for a bundle', () => {
      network.ok(alfa, [...uploadCalls('source', bundleOf('first')), ...uploadCalls('source', NOTES_SOURCE)]);
      const { hash } = d.upload.args.decode((uploadCalls('source', bundleOf('first'))[0] as Call).args);
      expect(refusal(alfa, registration('first', { bundle: hash }))).to.match(/^HASH_MISMATCH/);
    });

    it('says what of an upload is missing, or too large', () => {
      expect(refusal(alfa, registration('first'))).to.match(/^UPLOAD_UNKNOWN/);
      const bundle = bundleOf('first', CHUNK_BYTES + 1);
      const [begin] = uploadCalls('bundle', bundle) as [Call];
      const { hash } = d.upload.args.decode(begin.args);
      network.ok(alfa, [begin, ...uploadCalls('source', NOTES_SOURCE)]);
      expect(refusal(alfa, registration('first', { bundle: hash }))).to.match(/^UPLOAD_INCOMPLETE .*"index":1}$/);
      const large = bundleOf('first', 3 * CHUNK_BYTES);
      const calls = uploadCalls('bundle', large);
      network.ok(alfa, calls);
      const tooLarge = { bundle: d.upload.args.decode((calls[0] as Call).args).hash };
      expect(refusal(alfa, registration('first', tooLarge))).to.match(/^SIZE_EXCEEDED .*"limit":"?131072/);
    });

    it('refuses names that are kept, and versions that are not next', () => {
      network.ok(alfa, registerCalls('first').slice(0, -1));
      for (const name of ['cash', 'all', 'sandbox', 'vostroPay', 'Notes', 'no-tes']) {
        expect(refusal(alfa, registration('first', { name }))).to.equal(`NAME_INVALID {"name":"${name}"}`);
      }
      const expected = 'VERSION_INVALID {"expected":1,"actual":2}';
      expect(refusal(alfa, registration('first', { version: 2 }))).to.equal(expected);
      expect(deploy('first')).to.equal('');
      expect(refusal(alfa, registration('first'))).to.equal('VERSION_INVALID {"expected":2,"actual":1}');
    });

    it('refuses a program that the sandbox does not load, or that is another than it is registered as', () => {
      network.ok(alfa, registerCalls('unknown').slice(0, -1));
      expect(refusal(alfa, registration('unknown'))).to.equal('BUNDLE_REFUSED {"reason":"exception"}');
      network.ok(alfa, uploadCalls('bundle', bundleOf('other')));
      expect(refusal(alfa, registration('other'))).to.equal('ABI_MISMATCH {"name":"other","version":1}');
      network.ok(alfa, uploadCalls('bundle', bundleOf('third')));
      expect(refusal(alfa, registration('third'))).to.equal('ABI_MISMATCH {"name":"notes","version":3}');
    });

    it('refuses what says of itself what no contract may', () => {
      const invalid = { ...NOTES_PROGRAMS['first'], abi: () => ({ name: 'notes' }) } as never;
      network = new TestNetwork([], new FakeSandbox({ invalid }));
      network.ok(alfa, registerCalls('invalid').slice(0, -1));
      expect(refusal(alfa, registration('invalid'))).to.equal('BUNDLE_REFUSED {"reason":"abi"}');
    });

    it('takes several candidates for one version, each once', () => {
      network.ok(alfa, registerCalls('first'));
      expect(refusal(alfa, registration('first'))).to.match(/^CANDIDATE_EXISTS/);
      network.ok(beta, registerCalls('firstAgain'));
      expect(network.view(d.candidates, { name: 'notes', limit: 10, after: undefined })).to.have.lengthOf(2);
    });

    it('lets each member register a bundle, whoever has done so before, and take back its own alone', () => {
      network.ok(beta, registerCalls('first'));
      expect(refusal(alfa, withdrawal('first', BANKS.alfa))).to.match(/^CANDIDATE_UNKNOWN/);
      network.ok(alfa, registration('first'));
      const members = network.view(d.candidates, { name: 'notes', limit: 10, after: undefined });
      expect(members.map(({ member }) => member)).to.deep.equal([BANKS.alfa, BANKS.beta]);
      const [, after] = members;
      expect(network.view(d.candidates, { name: 'notes', limit: 10, after })).to.deep.equal([]);
      expect(refusal(alfa, withdrawal('first', BANKS.beta))).to.equal(`NOT_ENTITLED {"member":"${BANKS.beta}"}`);
      network.ok(beta, withdrawal('first', BANKS.beta));
      expect(network.view(d.abi, { bundle: bundleHash('first') }), 'the other one needs it').not.to.equal(undefined);
      expect(network.govern(activation('first'))).to.equal('');
    });

    it('refuses a bundle that says something else of itself than it did', () => {
      const programs = { ...NOTES_PROGRAMS };
      network = new TestNetwork([], new FakeSandbox(programs));
      network.ok(alfa, registerCalls('first'));
      const before = network.view(d.abi, { bundle: bundleHash('first') });
      programs['first'] = NOTES_PROGRAMS['secondSame'] ?? expect.fail('no such program');
      expect(refusal(beta, registration('first', { version: 1 }))).to.equal('BUNDLE_REFUSED {"reason":"abi"}');
      expect(network.view(d.abi, { bundle: bundleHash('first') })).to.deep.equal(before);
    });

    it('takes only so many candidates of one member', () => {
      const names = Array.from({ length: MAX_CANDIDATES }, (_, index) => `notes${index}`);
      network = new TestNetwork([], new FakeSandbox(sameAs([...names, 'first'])));
      for (const name of names) network.ok(alfa, registerCalls(name, 1, name));
      const more = registerCalls('first').slice(0, -1);
      expect(refusal(alfa, [...more, registration('first')])).to.equal(
        `CANDIDATES_TOO_MANY {"limit":${MAX_CANDIDATES}}`,
      );
    });

    it('takes a candidate back with everything that nothing else uses', () => {
      network.ok(alfa, registerCalls('first'));
      network.ok(beta, registerCalls('firstAgain'));
      expect(refusal(beta, withdrawal('first'))).to.equal(`NOT_ENTITLED {"member":"${BANKS.alfa}"}`);
      network.ok(alfa, withdrawal('first'));
      expect(refusal(alfa, withdrawal('first'))).to.match(/^CANDIDATE_UNKNOWN/);
      expect(network.view(d.artefact, { hash: bundleHash('first') })).to.equal(undefined);
      expect(network.view(d.artefact, { hash: sourceHash })?.kind, 'the other one is built from it').to.equal('source');
      network.ok(beta, withdrawal('firstAgain', BANKS.beta));
      const left = network.ledger.snapshot().filter((row) => /^contracts (?!engines)/.test(row));
      expect(
        left
          .filter((row) => !row.startsWith('contracts uploads') && !row.startsWith('contracts uploadedChunks'))
          .filter((row) => !row.startsWith('contracts pending')),
      ).to.deep.equal([]);
    });

    it('lets anybody take away a candidate whose version has passed', () => {
      network.ok(alfa, registerCalls('first'));
      network.ok(beta, registerCalls('firstAgain'));
      expect(network.govern(activation('first'))).to.equal('');
      network.ok(gamma, withdrawal('firstAgain', BANKS.beta));
    });
  });

  // PROTOCOL §Deployment T5.
  describe('compares with the version in force', () => {
    beforeEach(() => {
      expect(deploy('first')).to.equal('');
    });

    const changes = { secondUnmigrated: 'valueChanged', secondBlind: 'valueChanged', secondMisreads: 'valueChanged' };
    for (const [program, change] of Object.entries(changes)) {
      it(`and refuses one that would read what is stored as something else: ${program}`, () => {
        network.ok(alfa, registerCalls(program).slice(0, -1));
        expect(refusal(alfa, registration(program, { version: 2 }))).to.equal(
          `INCOMPATIBLE {"from":1,"changes":[{"map":"notes","change":"${change}"}]}`,
        );
      });
    }

    it('and takes one that reads everything as it stands, or takes it over', () => {
      network.ok(alfa, registerCalls('secondSame', 2));
      network.ok(alfa, registerCalls('second', 2));
    });
  });

  // PROTOCOL §Deployment T6, T7.
  describe('puts versions in force', () => {
    it('when the members decide it, with what anybody may call from then on', () => {
      network.ok(alfa, registerCalls('first'));
      expect(refusal(alfa, activation('first'))).to.match(/^UNAUTHORISED/);
      expect(network.govern(activation('first'))).to.equal('');
      network.ok(beta, write('a', 'first text'));
      expect(noteOf('a')).to.equal('first text');
      const status = network.view(d.status, { name: 'notes' });
      expect(status).to.deep.include({ active: true, version: 1, fromHeight: 3, pausedUntilMs: undefined });
      expect(network.view(d.list, { limit: 10, after: undefined }).map(({ name }) => name)).to.deep.equal(['notes']);
      expect(network.view(d.candidates, { name: 'notes', limit: 10, after: undefined })).to.deep.equal([]);
      expect(sandbox.loads, 'a program is loaded once for its registration, and once for its calls').to.have.lengthOf(
        2,
      );
    });

    it('and takes over once what the version before has stored', () => {
      deploy('first');
      network.ok(alfa, [write('a', 'one'), write('b', 'three')]);
      network.ok(alfa, registerCalls('second', 2));
      expect(network.govern(activation('second'))).to.equal('');
      expect([lengthOf('a'), lengthOf('b')]).to.deep.equal([3, 5]);
      const versions = network.view(d.versions, { name: 'notes', limit: 10, after: undefined });
      expect(versions.map(({ version, fromHeight, untilHeight }) => [version, fromHeight, untilHeight])).to.deep.equal([
        [1, 3, 3],
        [2, 3, undefined],
      ]);
    });

    const failures = { secondForever: 'OUT_OF_FUEL', secondFails: 'CANNOT_MIGRATE' };
    for (const [program, code] of Object.entries(failures)) {
      it(`or keeps the version before, and its state, when the migration fails: ${code}`, () => {
        deploy('first');
        network.ok(alfa, write('a', 'one'));
        network.ok(alfa, registerCalls(program, 2));
        const before = network.ledger.snapshot().filter((row) => /^(notes|contracts) /.test(row));
        expect(network.govern(activation(program))).to.equal(code);
        expect(network.ledger.snapshot().filter((row) => /^(notes|contracts) /.test(row))).to.deep.equal(before);
        expect(noteOf('a')).to.equal('one');
        network.ok(alfa, write('b', 'goes on'));
      });
    }

    it('with no more fuel for migrations than one height has', () => {
      deploy('first');
      network.ok(alfa, registerCalls('second', 2));
      network.ok(alfa, registerCalls('other', 1, 'other'));
      const other = (program: string) =>
        callOf(d.activate, { ...approvalOf(bundleHash(program), 'other'), migrationFuel: 1 });
      expect(network.govern(other('other'))).to.equal('');
      network.ok(alfa, registerCalls('otherSecond', 2, 'other'));
      const whole = activation('second', MAX_MIGRATION_FUEL);
      expect(network.govern(whole, other('otherSecond'))).to.equal('MIGRATION_FUEL_EXCEEDED');
      expect(network.govern(whole)).to.equal('');
    });

    it('and counts the fuel for migrations of one height alone', () => {
      deploy('first');
      network.ok(alfa, registerCalls('second', 2));
      network.ok(alfa, registerCalls('other', 1, 'other'));
      const other = (program: string, migrationFuel: number) =>
        callOf(d.activate, { ...approvalOf(bundleHash(program), 'other'), migrationFuel });
      expect(network.govern(other('other', 0))).to.equal('');
      network.ok(alfa, registerCalls('otherSecond', 2, 'other'));
      expect(network.govern(activation('second', MAX_MIGRATION_FUEL))).to.equal('');
      const { propose, approve, proposal, proposals } = governance.methods;
      const terms = { activateAt: 4, expiresAt: TODAY_MS + 60_000, description: 'x', document: undefined };
      network.ok(central, callOf(propose, { calls: [other('otherSecond', MAX_MIGRATION_FUEL)], ...terms }));
      const last = network.view(proposals, { limit: 9, after: undefined }).at(-1) ?? expect.fail('no proposal');
      for (const bank of [alfa, beta, gamma]) {
        if (network.view(proposal, { id: last.id })?.status !== 'open') break;
        network.ok(bank, callOf(approve, { id: last.id, hash: last.hash }));
      }
      network.endBlock(3);
      expect(network.view(proposal, { id: last.id })?.status).to.equal('activated');
    });

    it('of as many contracts as a node keeps loaded', () => {
      const names = Array.from({ length: MAX_CONTRACTS + 1 }, (_, index) => `notes${index}`);
      network = new TestNetwork([], new FakeSandbox(sameAs(names)));
      const activate = (name: string) =>
        callOf(d.activate, { ...approvalOf(bundleHash(name), name), migrationFuel: 0 });
      for (let start = 0; start < MAX_CONTRACTS; start += MAX_CANDIDATES) {
        const some = names.slice(start, start + MAX_CANDIDATES);
        for (const name of some) network.ok(alfa, registerCalls(name, 1, name));
        expect(network.govern(...some.map(activate))).to.equal('');
      }
      const last = names.at(-1) ?? '';
      network.ok(alfa, registerCalls(last, 1, last));
      expect(network.govern(activate(last))).to.equal('CONTRACTS_TOO_MANY');
      expect(network.govern(callOf(d.retire, { name: 'notes0' }), activate(last))).to.equal('');
    });

    it('and only what is registered for the version that is next', () => {
      expect(network.govern(activation('first'))).to.equal('CANDIDATE_UNKNOWN');
      network.ok(alfa, registerCalls('first'));
      network.ok(alfa, registerCalls('firstAgain'));
      expect(network.govern(activation('first'))).to.equal('');
      expect(network.govern(activation('firstAgain'))).to.equal('CANDIDATE_UNKNOWN');
    });

    it('and no bundle that was registered anew, with other sources or for another engine, since it was approved', () => {
      network.ok(alfa, registerCalls('first'));
      network.ok(alfa, withdrawal('first'));
      const others = utf8Encode('other sources');
      network.ok(beta, [
        ...uploadCalls('bundle', bundleOf('first')),
        ...uploadCalls('source', others),
        registration('first', { source: artefactHash('source', others) }),
      ]);
      expect(network.govern(activation('first'))).to.equal('CANDIDATE_CHANGED');
      const approved = { ...approvalOf(bundleHash('first')), source: artefactHash('source', others), migrationFuel: 0 };
      const elsewhere = { ...approved, engine: otherEngine.hash };
      expect(network.govern(callOf(d.activate, elsewhere))).to.equal('CANDIDATE_CHANGED');
      expect(network.govern(callOf(d.activate, approved))).to.equal('');
    });

    it('though a stranger has registered the bundle before, with other sources or with the same', () => {
      const junk = utf8Encode('junk');
      const source = artefactHash('source', junk);
      network.ok(alfa, [...uploadCalls('bundle', bundleOf('first')), ...uploadCalls('source', junk)]);
      network.ok(alfa, registration('first', { source }));
      network.ok(beta, registerCalls('first'));
      network.ok(gamma, registerCalls('first'));
      network.ok(beta, withdrawal('first', BANKS.beta));
      expect(network.govern(activation('first'))).to.equal('');
      expect(network.view(d.status, { name: 'notes' })?.member).to.equal(BANKS.gamma);
      network.ok(gamma, withdrawal('first', BANKS.alfa));
      expect(network.view(d.artefact, { hash: source })).to.equal(undefined);
      expect(network.view(d.artefact, { hash: sourceHash })?.kind).to.equal('source');
      expect(network.view(d.abi, { bundle: bundleHash('first') })).not.to.equal(undefined);
      network.ok(beta, write('a', 'text'));
    });

    it('and out of force, with the state kept for a later version', () => {
      deploy('first');
      network.ok(alfa, write('a', 'one'));
      const retire = callOf(d.retire, { name: 'notes' });
      expect(network.govern(retire)).to.equal('');
      expect(network.refused(alfa, write('b', 'x')).code).to.equal('CONTRACT_UNKNOWN');
      expect(network.govern(retire)).to.equal('CONTRACT_INACTIVE');
      network.ok(alfa, registerCalls('second', 2));
      expect(network.govern(activation('second'))).to.equal('');
      expect(lengthOf('a')).to.equal(3);
      // It counts again for all that looks at what is in force.
      expect(network.view(d.list, { limit: 10, after: undefined }).map(({ name }) => name)).to.deep.equal(['notes']);
      expect(network.govern(callOf(d.allowEngine, otherEngine))).to.equal('');
      expect(network.govern(callOf(d.retireEngine, { engine: TEST_ENGINE.hash }))).to.equal('ENGINE_IN_USE');
    });

    it('and forgets one that the end of a proposal took back', () => {
      network.ok(alfa, registerCalls('first'));
      const failing = callOf(d.retire, { name: 'none' });
      expect(network.govern(activation('first'), failing)).to.equal('CONTRACT_INACTIVE');
      expect(network.refused(alfa, write('a', 'x')).code).to.equal('CONTRACT_UNKNOWN');
    });
  });

  // PROTOCOL §Governance V2, V5.
  describe('lets the members govern a contract of a bank', () => {
    const notesCall = (method: string, args: Uint8Array): Call => labCall('notes', method, args);
    const erase = notesCall('erase', idArgs.encode({ id: 'a' }));
    const refusedProposal = (call: Call) =>
      network.refused(central, callOf(governance.methods.propose, { calls: [call], ...terms })).code;
    const terms = { activateAt: 3, expiresAt: TODAY_MS + 1_000, description: 'x', document: undefined };

    it('by the methods that say so, and only while it is in force', () => {
      expect(refusedProposal(erase)).to.equal('NOT_GOVERNED');
      deploy('first');
      network.ok(alfa, write('a', 'one'));
      expect(network.refused(alfa, erase).code).to.equal('UNAUTHORISED');
      expect(refusedProposal(write('a', 'two'))).to.equal('NOT_GOVERNED');
      expect(refusedProposal(notesCall('nothing', idArgs.encode({ id: 'a' })))).to.equal('NOT_GOVERNED');
      expect(refusedProposal(notesCall('erase', Uint8Array.of(0xc0)))).to.equal('CALL_INVALID');
      expect(network.govern(erase)).to.equal('');
      expect(() => noteOf('a')).to.throw('NOT_FOUND');
      expect(network.govern(callOf(d.retire, { name: 'notes' }))).to.equal('');
      expect(refusedProposal(erase)).to.equal('NOT_GOVERNED');
    });

    it('with a part of the fuel for each call: the end of a block ends', () => {
      deploy('first');
      expect(network.govern(notesCall('spin', Uint8Array.of(0xc0)))).to.equal('OUT_OF_FUEL');
      network.ok(alfa, write('a', 'goes on'));
    });
  });

  describe('when the members pause a contract of a bank', () => {
    const g = governance.methods;
    const vote = (scope: string) => callOf(g.pause, { scope, untilMs: TODAY_MS + 1_000 });
    const pause = (scope: string) => {
      for (const sender of [alfa, beta]) network.ok(sender, vote(scope));
    };

    it('stops its calls, shows it in its status, and lets its views go on', () => {
      expect(network.refused(alfa, vote('notes')).code, 'before it is in force').to.equal('SCOPE_INVALID');
      deploy('first');
      network.ok(alfa, write('a', 'one'));
      pause('notes');
      expect(refusal(alfa, write('b', 'two'))).to.match(/^PAUSED/);
      expect(noteOf('a')).to.equal('one');
      expect(network.view(d.status, { name: 'notes' })?.pausedUntilMs).to.equal(TODAY_MS + 1_000);
      const { failure } = network.ledger.run({
        ...{ sender: alfa, calls: [write('b', 'two')], height: 2, timestamp: TODAY_MS + 1_000 },
      });
      expect(failure, 'when its time is over').to.equal(undefined);
    });

    // PROTOCOL §Governance V6.
    it('still puts a better version in force', () => {
      deploy('first');
      network.ok(alfa, write('a', 'one'));
      pause('notes');
      network.ok(alfa, registerCalls('second', 2));
      expect(network.govern(activation('second'))).to.equal('');
      expect(lengthOf('a')).to.equal(3);
      expect(network.refused(alfa, write('b', 'two')).code).to.equal('PAUSED');
    });

    it('never stops deployment itself', () => {
      expect(network.refused(alfa, vote('contracts')).code).to.equal('SCOPE_INVALID');
      pause('all');
      expect(network.refused(central, callOf(cash.methods.closeBusinessDay, { currency: 'EUR' })).code).to.equal(
        'PAUSED',
      );
      network.ok(alfa, registerCalls('first'));
    });
  });

  describe('over all of these', () => {
    it('has had every code that it declares', () => {
      const missing = Object.keys(deployment.abi().errors).filter((code) => !seen.has(`contracts.${code}`));
      expect(missing).to.deep.equal([]);
    });
  });
});
