import { expect } from 'chai';
import { CONTRACT_FAULTS, type ContractFailure } from '../../../contracts/api/failure.js';
import { MemoryLedger } from '../../../contracts/testing/memoryLedger.js';
import { BORDER_PRICES } from '../../../sandbox/border/limits.js';
import { loadContract } from '../../../sandbox/border/loadContract.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { accountOf, openDirectory } from '../../support/sandbox/directory.js';
import {
  chainProgram,
  HOSTILE_METHODS,
  type HostileMethod,
  hostileProgram,
} from '../../support/sandbox/hostileContracts.js';

const FUEL = 100_000_000;
const TRANSACTION_FUEL = 50_000_000;
const NO_ARGUMENTS = Uint8Array.of(0xc0);
const SENDER = accountOf(1);

describe('a hostile contract', () => {
  let engine: SandboxEngine;
  let program = '';

  before(() => {
    engine = createStandardEngine();
    program = hostileProgram(HOSTILE_METHODS);
  });

  const ledgerOf = (programs: readonly string[]): MemoryLedger =>
    new MemoryLedger({
      contracts: programs.map((text) => loadContract(engine, text, FUEL).contract),
      directory: openDirectory,
    });

  const call = (method: string, contract = 'hostile') => ({ contract, method, args: NO_ARGUMENTS });
  const run = (ledger: MemoryLedger, method: string, contract?: string) =>
    ledger.run({ sender: SENDER, calls: [call('fine'), call(method, contract)], maxFuel: TRANSACTION_FUEL });

  /** The failure as a test names it. */
  function described(failure: ContractFailure | undefined): string | undefined {
    if (failure?.code !== 'CONTRACT_FAULT') return failure?.code;
    return `CONTRACT_FAULT ${CONTRACT_FAULTS[failure.data[1] === 0x80 ? 0 : (failure.data[1] ?? -1)]}`;
  }

  const expected = ({ code, reason }: HostileMethod): string => (reason === undefined ? code : `${code} ${reason}`);

  it('gets the one coded failure for everything that it does, and the same fuel, each time. PROTOCOL §Sandbox Z5, Z7, Z8 and Z10', () => {
    const friend = hostileProgram([{ name: 'attack', body: '', code: '' }], 'friend');
    const [first, second] = [ledgerOf([program, friend]), ledgerOf([friend, program])];
    const found = HOSTILE_METHODS.map((method) => {
      const before = first.snapshot();
      const [one, other] = [run(first, method.name), run(second, method.name)];
      expect(first.snapshot(), method.name).to.deep.equal(before);
      expect([other.failure?.code, other.fuelUsed], method.name).to.deep.equal([one.failure?.code, one.fuelUsed]);
      expect(other.failure?.data, method.name).to.deep.equal(one.failure?.data);
      expect(one.failure?.failedCall.includes('\n'), method.name).to.equal(false);
      return `${method.name}: ${described(one.failure)}`;
    });
    expect(found).to.deep.equal(HOSTILE_METHODS.map((method) => `${method.name}: ${expected(method)}`));
  });

  it('leaves the next transaction as if it had never run', () => {
    const alone = run(ledgerOf([program]), 'fine');
    expect(alone.failure).to.equal(undefined);
    const ledger = ledgerOf([program, hostileProgram([{ name: 'attack', body: '', code: '' }], 'friend')]);
    for (const { name } of HOSTILE_METHODS) {
      run(ledger, name);
      const { failure, fuelUsed, events } = run(ledger, 'fine');
      expect([failure, fuelUsed, events], `after ${name}`).to.deep.equal([undefined, alone.fuelUsed, alone.events]);
    }
  });

  it('pays for each line that its host has to look at (PROTOCOL §Sandbox Z10)', () => {
    const fuelOf = (character: string): number => {
      const body = `host(8, 'x' + ${JSON.stringify(character)}.repeat(30_000), '')`;
      return run(ledgerOf([hostileProgram([{ name: 'attack', body, code: '' }])]), 'attack').fuelUsed;
    };
    expect(fuelOf('\n') - fuelOf('y')).to.be.at.least(30_000 * BORDER_PRICES.line);
    expect(BORDER_PRICES.line).to.be.at.least(40);
  });

  it('goes through others no deeper than any contract may, and comes back to none that is running', () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const chain = names.map((name, index) => chainProgram(name, names[index + 1] ?? 'one'));
    const ledger = ledgerOf([program, ...chain]);
    const deep = run(ledger, 'attack', 'one');
    expect(deep.failure?.code).to.equal('CALL_DEPTH_EXCEEDED');
    expect(deep.failure?.failedCall).to.equal('five.attack');
    const circle = ledgerOf([program, chainProgram('one', 'two'), chainProgram('two', 'one')]);
    expect(run(circle, 'attack', 'one').failure?.code).to.equal('REENTRANCY_REFUSED');
    expect(run(ledger, 'attack', 'one').fuelUsed).to.equal(deep.fuelUsed);
  });

  it('uses up no more than the part of the fuel that a caller gives it, and the caller goes on', () => {
    const careful = hostileProgram(
      [
        {
          name: 'attack',
          code: '',
          returns: 't.list(t.text(40), 3)',
          body: `const part = (method, units) => {
              const failure = ctx.attempt(() => ctx.call({ ...other('hostile'), method }, {}, units));
              return failure === undefined ? 'nothing' : failure.code + ' ' + failure.failedCall;
            };
            return [part('loopForEver', 1000000), part('recursesForEver', 5000000), part('loopForEver', 10)];`,
        },
      ],
      'careful',
    );
    const receipts = [1, 2].map(() => run(ledgerOf([program, careful]), 'attack', 'careful'));
    const [first] = receipts;
    expect(receipts.map(({ fuelUsed }) => fuelUsed)).to.deep.equal([first?.fuelUsed, first?.fuelUsed]);
    expect(first?.failure).to.equal(undefined);
    expect(first?.fuelUsed).to.be.within(1_000_000, 7_000_000);
    const answers = loadContract(engine, careful, FUEL).contract.codec.decodeResult(
      'attack',
      first?.results[1] ?? new Uint8Array(),
    );
    expect(answers).to.deep.equal([
      'OUT_OF_FUEL hostile.loopForEver',
      'CONTRACT_FAULT hostile.recursesForEver',
      'OUT_OF_FUEL hostile.loopForEver',
    ]);
  });

  it('does not load when it spoils what every program shares, or says nothing that is an ABI', () => {
    const reasonOf = (text: string): string => {
      try {
        loadContract(engine, text, FUEL);
        return 'loaded';
      } catch (error) {
        const { reason, code } = error as { readonly reason?: string; readonly code: string };
        return reason ?? code;
      }
    };
    const fine = hostileProgram([]);
    expect({
      prototype: reasonOf(`Object.prototype.x = 1; ${fine}`),
      runtime: reasonOf(`vostro.deploy = () => 1; ${fine}`),
      entry: reasonOf(`globalThis.__vostroCall = () => ''; ${fine}`),
      nothing: reasonOf('1'),
      text: reasonOf(`throw 'x'`),
      twice: reasonOf(`${fine};${fine}`),
      noContract: reasonOf('vostro.deploy({ contract: { abi: () => ({}) } })'),
      host: reasonOf(`__vostroHost(8, '', ''); ${fine}`),
      name: reasonOf(fine.replace("'hostile'", "'Hostile Contract'")),
      codeOfTheApi: reasonOf(fine.replace('PLAIN: {}', 'OUT_OF_FUEL: {}')),
      loop: reasonOf('for (;;);'),
      recursion: reasonOf('const f = () => 1 + f(); f()'),
      memory: reasonOf('const a = []; for (;;) a.push(new Uint8Array(100000))'),
      largeAbi: reasonOf(
        fine.replace('PLAIN: {}', '...Object.fromEntries(Array.from({length: 200}, (_, i) => ["E" + i, {}]))'),
      ),
    }).to.deep.equal({
      prototype: 'exception',
      runtime: 'exception',
      entry: 'exception',
      nothing: 'exception',
      text: 'exception',
      twice: 'exception',
      noContract: 'exception',
      host: 'exception',
      name: 'ABI_INVALID',
      codeOfTheApi: 'ABI_INVALID',
      loop: 'loadFuel',
      recursion: 'callDepth',
      memory: 'memory',
      largeAbi: 'ABI_INVALID',
    });
  });
});
