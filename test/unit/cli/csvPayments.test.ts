import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { parseCsvPayments } from '../../../cli/payments/csvPayments.js';

const HEADER = 'time,reference,debtor,creditor,currency,amount';
const parse = (...lines: string[]) => parseCsvPayments([HEADER, ...lines].join('\n'), 'day.csv');

function fault(text: string): CliError {
  try {
    parseCsvPayments(text, 'day.csv');
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new CliError('NOT_FOUND', 'no error was raised');
}

describe('a CSV file of payments', () => {
  it('gives each row with its line', () => {
    expect(
      parse('07:00:00,R-1,AAAADEFF,BBBBFRPP,EUR,12.50', '', '07:00:01,"R,2",AAAADEFF,"Bank ""B""",EUR, 3 '),
    ).to.deep.equal({
      rows: [
        { line: 2, reference: 'R-1', debtor: 'AAAADEFF', creditor: 'BBBBFRPP', currency: 'EUR', amount: '12.50' },
        { line: 4, reference: 'R,2', debtor: 'AAAADEFF', creditor: 'Bank "B"', currency: 'EUR', amount: '3' },
      ],
      malformed: [],
    });
  });

  it('may have its columns in any order, without the informative one, with CRLF and a byte order mark', () => {
    const text = '\ufeffAmount,currency,creditor,debtor,reference\r\n1.00,EUR,B,A,R-1\r\n';
    expect(parseCsvPayments(text, 'day.csv').rows).to.deep.equal([
      { line: 2, reference: 'R-1', debtor: 'A', creditor: 'B', currency: 'EUR', amount: '1.00' },
    ]);
  });

  it('names each malformed row and reads all the others, even after a quote that is not closed', () => {
    const { rows, malformed } = parse(
      '07:00:00,"R-1,A,B,EUR,1.00',
      '07:00:00,R-2,A,B,EUR,1.00',
      '07:00:00,R-3,A,B,EUR',
      '07:00:00,R-4,A,B,EUR,1.00,extra',
      '07:00:00,R-5,A,B,EUR,1,000.00',
      '07:00:00,R-6,,B,EUR,1.00',
      '07:00:00,"R"-7,A,B,EUR,1.00',
      `07:00:00,R-8,A,B,EUR,${'9'.repeat(3_000)}`,
      ',R-9,A,B,EUR,1.00',
    );
    expect(rows.map((row) => row.reference)).to.deep.equal(['R-2', 'R-9']);
    expect(malformed.map(({ line, reference, code }) => [line, reference, code])).to.deep.equal([
      [2, '', 'ROW_MALFORMED'],
      [4, 'R-3', 'ROW_MALFORMED'],
      [5, 'R-4', 'ROW_MALFORMED'],
      [6, 'R-5', 'ROW_MALFORMED'],
      [7, 'R-6', 'ROW_MALFORMED'],
      [8, '', 'ROW_MALFORMED'],
      [9, '', 'ROW_MALFORMED'],
    ]);
  });

  it('is refused without a header that names its columns, and says which one is meant', () => {
    for (const header of [
      '',
      'a,b',
      'reference,debtor,creditor,currency',
      `${HEADER},colour`,
      `${HEADER},amount`,
      '"x',
    ]) {
      expect(fault(`${header}\nx`).code, header).to.equal('FILE_MALFORMED');
    }
    expect(fault('reference,debtor,creditor,currency,value').message).to.include('none named amount');
    expect(fault(`${HEADER},colour`).message).to.include('"colour"');
  });

  it('is refused beyond its limit of rows', () => {
    expect(fault(`${HEADER}\n${'x\n'.repeat(100_002)}`).message).to.include('at most 100000 rows');
  });

  it('takes __proto__ and the like as the plain text that they are', () => {
    const { rows } = parse('07:00:00,__proto__,constructor,toString,EUR,1.00');
    expect(rows[0]?.reference).to.equal('__proto__');
    expect(rows[0]?.debtor).to.equal('constructor');
  });
});
