import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { API_ERRORS, MEMBER_ROLES } from '../../../contracts/api/index.js';
import { MapLayout } from '../../../contracts/api/state.js';
import { t } from '../../../contracts/api/t.js';
import { cash, payments } from '../../../contracts/index.js';
import { PARAMETER_RANGES } from '../../../contracts/parameters/rules.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import { GENESIS_LIMITS } from '../../../genesis/limits.js';
import { formOf } from '../../../kit/reference/contractTables.js';
import { toHex } from '../../../primitives/bytes.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';
import { TODAY } from '../../support/settlementNetwork.js';

const text = readFileSync(join(repositoryRoot(), 'docs', 'PROTOCOL.md'), 'utf8');
const section = (title: string): string => text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const abi = section('Contracts ABI');
const genesis = section('Genesis');

function example(name: string): string {
  const found = abi.match(new RegExp(`^\`\`\`vector ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm'));
  return (found?.[1] ?? '').replace(/\s/g, '');
}

const one = `0x${'11'.repeat(20)}` as const;
const other = `0x${'22'.repeat(20)}` as const;

describe('docs/PROTOCOL.md §Contracts ABI', () => {
  it('shows the arguments of a payment as they are encoded', () => {
    const args = { debtor: one, currency: 'EUR', businessDay: TODAY, creditor: other, amount: 100n, reference: 'P-1' };
    expect(example('pay-arguments')).to.equal(
      toHex(payments.methods.pay.args.encode({ ...args, endToEndId: 'E2E-1' })),
    );
  });

  it('shows the key of a balance as it stands in the state', () => {
    const balances = new MapLayout('balances', { keys: [t.currency, t.address], value: t.amount, absent: 0n });
    expect(cash.abi().state).to.have.property('balances').which.deep.equals(balances.abi());
    const key = balances.key(['EUR', one]);
    expect(example('balance-key')).to.equal(toHex(Uint8Array.from(key, (character) => character.charCodeAt(0))));
  });

  it('lists every code of the API with its data', () => {
    for (const [code, fields] of Object.entries(API_ERRORS)) {
      const data = Object.entries(fields).map(([name, schema]) => `${name}: ${formOf(schema.schema())}`);
      expect(abi).to.contain(`| ${code} | {${data.join(', ')}} |`);
    }
  });
});

describe('docs/PROTOCOL.md §Genesis', () => {
  it('lists every parameter with its range and default', () => {
    for (const [name, { min, max }] of Object.entries(PARAMETER_RANGES)) {
      const value = DEFAULT_PARAMETERS[name as keyof typeof DEFAULT_PARAMETERS];
      const [from, to, usual] = [min, max, value].map((number) => number.toLocaleString('en-US'));
      expect(genesis).to.contain(`| ${name} | ${from} to ${to} | ${usual} |`);
    }
  });

  it('names the roles and limits that hold', () => {
    expect(genesis).to.contain(`one of ${MEMBER_ROLES.join(', ')}`);
    expect(genesis).to.contain(`list 1..${GENESIS_LIMITS.members} of member`);
    expect(genesis).to.contain(GENESIS_LIMITS.referencesInUse.toLocaleString('en-US'));
  });
});
