import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { parsePacs009 } from '../../../cli/payments/pacs009.js';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08';
const party = (bic: string): string => `<FinInstnId><BICFI>${bic}</BICFI></FinInstnId>`;

function transfer(reference: string, amount: string, more = ''): string {
  return `<CdtTrfTxInf><PmtId><InstrId>${reference}</InstrId><EndToEndId>E2E</EndToEndId></PmtId>
<IntrBkSttlmAmt Ccy="EUR">${amount}</IntrBkSttlmAmt><Dbtr>${party('AAAADEFF')}</Dbtr><Cdtr>${party('BBBBFRPP')}</Cdtr>${more}</CdtTrfTxInf>`;
}

function message(transfers: readonly string[], head = '', namespace = NAMESPACE): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${namespace}"><FICdtTrf><GrpHdr><MsgId>M-1</MsgId><NbOfTxs>${transfers.length}</NbOfTxs>${head}</GrpHdr>
${transfers.join('\n')}</FICdtTrf></Document>`;
}

function fault(text: string): CliError {
  try {
    parsePacs009(text, 'p.xml');
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new CliError('NOT_FOUND', 'no error was raised');
}

describe('a pacs.009 message', () => {
  it('gives its transfers as rows, with the line where each begins', () => {
    const { messageId, rows, malformed } = parsePacs009(
      message([transfer('T-1', '1250.00'), transfer('T-2', '3')]),
      'p.xml',
    );
    expect(messageId).to.equal('M-1');
    expect(malformed).to.deep.equal([]);
    const common = { debtor: 'AAAADEFF', creditor: 'BBBBFRPP', currency: 'EUR', endToEndId: 'E2E' };
    expect(rows).to.deep.equal([
      { line: 3, reference: 'T-1', amount: '1250.00', ...common },
      { line: 5, reference: 'T-2', amount: '3', ...common },
    ]);
  });

  it('is read from the example as a bank’s system emits it', () => {
    const root = new URL('../../../', import.meta.url);
    const inBuild = /\/(?:dist|\.build\/[^/]+)\/$/.exec(root.pathname)?.[0];
    const repository = inBuild === undefined ? root : new URL(root.pathname.slice(0, -inBuild.length + 1), root);
    const text = readFileSync(new URL('examples/pacs009.xml', repository), 'utf8');
    const { rows, malformed } = parsePacs009(text, 'pacs009.xml');
    expect(malformed).to.deep.equal([]);
    expect(rows).to.have.length(8);
  });

  it('is read with a prefix for its namespace, and with the end-to-end reference where there is no other', () => {
    const text = message([transfer('T-1', '1.00').replace('<InstrId>T-1</InstrId>', '')])
      .replaceAll(/<(\/?)(?=[A-Z])/g, '<$1p:')
      .replace('xmlns=', 'xmlns:p=');
    expect(parsePacs009(text, 'p.xml').rows.map((row) => row.reference)).to.deep.equal(['E2E']);
  });

  it('takes the account that it names before the institution’s own', () => {
    const account = '<DbtrAcct><Id><Othr><Id>treasury</Id></Othr></Id></DbtrAcct>';
    expect(parsePacs009(message([transfer('T-1', '1.00', account)]), 'p.xml').rows[0]?.debtor).to.equal('treasury');
    const iban = '<CdtrAcct><Id><IBAN>DE75512108001245126199</IBAN></Id></CdtrAcct>';
    expect(parsePacs009(message([transfer('T-1', '1.00', iban)]), 'p.xml').malformed[0]?.message).to.include(
      'CdtrAcct/Id/Othr/Id',
    );
  });

  it('names each transfer that lacks something, has it twice, or holds an entity, and reads the others', () => {
    const { rows, malformed } = parsePacs009(
      message([
        transfer('T-1', '1.00').replace('Ccy="EUR"', ''),
        transfer('T-2', '1.00'),
        transfer('T-3', '1.00', `<Cdtr>${party('CCCCNLNA')}</Cdtr>`),
        transfer('A&amp;B', '1.00').replace('<EndToEndId>E2E</EndToEndId>', ''),
        '<CdtTrfTxInf>text</CdtTrfTxInf>',
        transfer('T-6', ''),
      ]),
      'p.xml',
    );
    expect(rows.map((row) => row.reference)).to.deep.equal(['T-2']);
    expect(malformed.map((row) => row.reference)).to.deep.equal(['T-1', 'T-3', '', '', 'T-6']);
    for (const row of malformed) expect(row.code).to.equal('ROW_MALFORMED');
  });

  it('is refused whole when its control totals do not fit', () => {
    const transfers = [transfer('T-1', '1.10'), transfer('T-2', '2.20')];
    const total = (sum: string): string => `<TtlIntrBkSttlmAmt Ccy="EUR">${sum}</TtlIntrBkSttlmAmt>`;
    expect(parsePacs009(message(transfers, total('3.3')), 'p.xml').rows).to.have.length(2);
    expect(fault(message(transfers, total('3.31'))).message).to.include('TtlIntrBkSttlmAmt');
    expect(fault(message(transfers, total('x'))).message).to.include('TtlIntrBkSttlmAmt');
    expect(fault(message(transfers).replace('<NbOfTxs>2<', '<NbOfTxs>3<')).message).to.include('NbOfTxs');
  });

  const bomb = `<!DOCTYPE b [<!ENTITY a "${'a'.repeat(1_000)}"><!ENTITY b "${'&a;'.repeat(1_000)}">]>`;
  const hostile: readonly (readonly [string, string])[] = [
    ['an entity bomb', message([transfer('&b;', '1.00')]).replace('<Document', `${bomb}<Document`)],
    [
      'an external entity',
      message([]).replace('<Document', '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document'),
    ],
    ['a bare document type', message([]).replace('<Document', '<!doctype html><Document')],
    ['another namespace', message([transfer('T-1', '1.00')], '', 'urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08')],
    ['no namespace', message([transfer('T-1', '1.00')]).replace(/ xmlns="[^"]*"/, '')],
    ['tags that do not close', message([transfer('T-1', '1.00')]).replace('</FICdtTrf>', '')],
    ['another root', '<root/>'],
    ['nothing', ''],
    ['plain text', 'reference,debtor'],
    ['another encoding', message([]).replace('UTF-8', 'UTF-16')],
    [
      'a nest of a hundred thousand tags',
      `<Document xmlns="${NAMESPACE}">${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</Document>`,
    ],
    ['two messages', `${message([])}${message([])}`],
    ['no head', `<Document xmlns="${NAMESPACE}"><FICdtTrf></FICdtTrf></Document>`],
  ];
  for (const [name, text] of hostile) {
    it(`is refused with ${name}`, () => {
      const error = fault(text);
      expect(error.code).to.equal('FILE_MALFORMED');
      expect(error.message.length).to.be.at.most(400);
    });
  }
});
