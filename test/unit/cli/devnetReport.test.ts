import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FileReport } from '../../../cli/devnet/businessDay.js';
import { devnetLayout } from '../../../cli/devnet/layout.js';
import { type DayReport, findFaults, formatReport } from '../../../cli/devnet/report.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

interface Expectation {
  readonly settled: number;
  readonly refused: readonly { readonly line: number; readonly code: string }[];
}

const expected = JSON.parse(readFileSync(join(repositoryRoot(), 'examples', 'expected.json'), 'utf8')) as Readonly<
  Record<'day.csv' | 'pacs009.xml', Expectation>
>;

function fileReport(name: 'day.csv' | 'pacs009.xml', change: Partial<FileReport> = {}): FileReport {
  const { settled, refused } = expected[name];
  return {
    file: `examples/${name}`,
    payments: settled + refused.length,
    settled: { count: settled, value: [{ currency: 'EUR', amount: '12.00' }] },
    refused: refused.map((row) => ({ ...row, reference: 'R', message: 'why' })),
    unknown: [],
    ...change,
  };
}

/** A day on which everything is as it should be, but for what is changed. */
function day(change: Partial<DayReport> = {}, ofDayFile: Partial<FileReport> = {}): Omit<DayReport, 'faults'> {
  const files = [fileReport('day.csv', ofDayFile), fileReport('pacs009.xml')];
  const bond = { instrument: 'B', seller: 'S', buyer: 'T', units: '1', price: '1.00', transactionId: '0x' };
  return {
    day: { day: '2026-01-05', files: files.map((report) => ({ report, durationMs: 1 })), bond },
    states: devnetLayout('/nowhere', 20_000).nodes.map((node) => ({ node, height: 9, stateRoot: '0xaa' })),
    blocks: 3,
    held: 100n,
    outstanding: 100n,
    ...change,
  };
}

describe('the report of a local network’s day', () => {
  it('finds no fault when every good row settled, every bad one was refused, roots and money agree', async () => {
    expect(await findFaults(day())).to.deep.equal([]);
  });

  it('finds a good row that did not settle', async () => {
    const settled = { count: expected['day.csv'].settled - 1, value: [] };
    expect(await findFaults(day({}, { settled }))).to.have.length(1);
  });

  it('finds a bad row that settled, and one refused for another reason than its own', async () => {
    const [first, ...others] = fileReport('day.csv').refused;
    expect(await findFaults(day({}, { refused: others }))).to.have.length(1);
    const mistaken = [{ ...first, code: 'ANOTHER' } as (typeof others)[number], ...others];
    expect(await findFaults(day({}, { refused: mistaken }))).to.have.length(2);
  });

  it('finds a node with another state root, and says so in the report', async () => {
    const [odd, ...equal] = day().states;
    const report = day({ states: [{ ...(odd as NonNullable<typeof odd>), stateRoot: '0xbb' }, ...equal] });
    const faults = await findFaults(report);
    expect(faults).to.have.length(1);
    expect(formatReport({ ...report, faults }))
      .to.contain('NOT EQUAL')
      .and.to.contain(faults[0]);
  });

  it('finds money that was made or lost', async () => {
    expect(await findFaults(day({ held: 101n }))).to.have.length(1);
    expect(await findFaults(day({ held: 99n }))).to.have.length(1);
  });
});
