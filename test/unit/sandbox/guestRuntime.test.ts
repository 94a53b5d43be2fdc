import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { MethodContext } from '../../../contracts/api/context.js';
import * as api from '../../../contracts/api/index.js';
import { OPERATION, OPERATION_STEP } from '../../../sandbox/guest/operations.js';
import { readGuestRuntime } from '../../../sandbox/standardEngine.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

/** What of `vostro/contract` a program may import; the rest is for those who call contracts, judge them or run them. */
const FOR_PROGRAMS = [
  'ContractFailure',
  'MEMBER_ROLES',
  'RANGE_LIMIT',
  'calendarDayOf',
  'callOf',
  'defineContract',
  'isCalendarDay',
  'map',
  't',
];

interface Runtime {
  readonly contract: Readonly<Record<string, object>>;
}

function inspected<T>(expression: string): T {
  const context = createContext({ __vostroHost: () => '' });
  runInContext(readGuestRuntime(), context);
  return runInContext(expression, context) as T;
}

describe('the guest runtime', () => {
  it('is the same bytes from whatever directory it is made', () => {
    const directory = mkdtempSync(join(tmpdir(), 'vostro-guest-'));
    try {
      const made = join(directory, 'runtime.js');
      execFileSync(process.execPath, [join(repositoryRoot(), 'scripts', 'guest.mjs'), made], { cwd: directory });
      expect(readFileSync(made, 'utf8')).to.equal(readGuestRuntime());
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('gives to programs what the contract API exports to them, under the same names', () => {
    const { contract } = inspected<Runtime>('vostro');
    expect(Object.keys(contract).sort()).to.deep.equal(FOR_PROGRAMS);
    expect(Object.keys(api)).to.include.members(FOR_PROGRAMS);
    expect(Object.keys(contract['t'] ?? {})).to.deep.equal(Object.keys(api.t));
    expect([contract['RANGE_LIMIT'], contract['MEMBER_ROLES']].join()).to.equal(
      [api.RANGE_LIMIT, api.MEMBER_ROLES].join(),
    );
  });

  it('gives to methods a context with the same members', () => {
    const members = inspected<readonly string[]>(`(() => {
      let found = [];
      const c = vostro.contract.defineContract({ name: 'x', version: 1, state: {}, events: {}, errors: {} });
      const run = (ctx) => { found = Object.keys(ctx); };
      vostro.deploy({ contract: c.build({ look: c.tx({ args: {}, auth: { sender: true } }, run) }) });
      __vostroCall(' {}');
      return found;
    })()`);
    const native = Object.getOwnPropertyNames(MethodContext.prototype);
    const ofTheApi = native.filter((name) => !['constructor', 'hasAsked', 'stateOf'].includes(name));
    expect([...members].sort()).to.deep.equal([...ofTheApi, 'state'].sort());
  });

  it('numbers its operations without a gap', () => {
    const numbers = Object.values(OPERATION);
    expect(numbers).to.deep.equal(numbers.map((_, index) => index));
    expect(numbers.length).to.be.at.most(OPERATION_STEP);
  });
});
