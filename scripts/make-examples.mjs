// Makes examples/day.csv, examples/pacs009.xml and examples/expected.json, what is to become of their rows: `node scripts/make-examples.mjs [DIR]`. The same seed gives the same bytes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const directory = process.argv[2] ?? join(root, 'examples');
const SEED = 20_260_105;
const PAYMENTS = 2_000;
const BANKS = ['AURLDEFF', 'BORLFRPP', 'CYGNNLNA', 'DORAESMM'];
const CURRENCY = 'EUR';

/** A small generator of 32-bit numbers (mulberry32), so that the file is the same on every machine. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = generator(SEED);
const pick = (list) => list[Math.floor(random() * list.length)];
/** Approximately normal, mean 0 and deviation 1: the sum of twelve uniforms less six. */
const normal = () => Array.from({ length: 12 }, random).reduce((sum, part) => sum + part, -6);

/** Seconds of the day: a flat floor from 07:00 to 18:00 with a peak in the morning and a higher one before the cut-off. */
function timeOfDay() {
  const hour = 3_600;
  const share = random();
  const at =
    share < 0.3
      ? 7 * hour + random() * 11 * hour
      : share < 0.6
        ? 10 * hour + normal() * 2_400
        : 16 * hour + normal() * 2_700;
  return Math.floor(Math.min(Math.max(at, 7 * hour), 18 * hour - 1));
}

/** Cents: mostly thousands to a few millions, a few hundreds of millions. */
function amountCents() {
  const exponent = 4.6 + 0.85 * normal() + (random() < 0.015 ? 2.6 : 0);
  const euros = 10 ** Math.min(Math.max(exponent, 1.5), 8.7);
  return BigInt(Math.floor(euros)) * 100n + BigInt(random() < 0.6 ? 0 : Math.floor(random() * 100));
}

const money = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
const clock = (seconds) =>
  [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');

function payment(index) {
  const debtor = pick(BANKS);
  const creditor = pick(BANKS.filter((bank) => bank !== debtor));
  const reference = `${debtor.slice(0, 4)}-${String(index + 1).padStart(5, '0')}`;
  return { debtor, creditor, reference, currency: CURRENCY, amount: money(amountCents()) };
}

const times = Array.from({ length: PAYMENTS }, timeOfDay).sort((a, b) => a - b);
const rows = times.map((seconds, index) => ({ time: clock(seconds), ...payment(index) }));

/** Rows that the network or the wallet must refuse, each for its own reason, at its place in the day. */
const refused = [
  {
    after: 150,
    code: 'ACCOUNT_UNKNOWN',
    row: { debtor: 'AURLDEFF', creditor: 'NOWHXXLL', reference: 'AURL-X0001', amount: '25000.00' },
  },
  {
    after: 480,
    code: 'INSUFFICIENT_FUNDS',
    row: { debtor: 'BORLFRPP', creditor: 'CYGNNLNA', reference: 'BORL-X0002', amount: '9000000000000.00' },
  },
  {
    after: 910,
    code: 'BUSINESS_REFERENCE_USED',
    row: { debtor: rows[20].debtor, creditor: rows[20].creditor, reference: rows[20].reference, amount: '77.00' },
  },
  {
    after: 1_270,
    code: 'AMOUNT_MALFORMED',
    row: { debtor: 'DORAESMM', creditor: 'AURLDEFF', reference: 'DORA-X0004', amount: '12.345' },
  },
  {
    after: 1_500,
    code: 'AMOUNT_MALFORMED',
    row: { debtor: 'CYGNNLNA', creditor: 'BORLFRPP', reference: 'CYGN-X0005', amount: '1.000,00' },
  },
  {
    after: 1_760,
    code: 'AMOUNT_ZERO',
    row: { debtor: 'DORAESMM', creditor: 'BORLFRPP', reference: 'DORA-X0006', amount: '0.00' },
  },
];
for (const { after, row } of refused.toReversed()) {
  rows.splice(after, 0, { time: rows[after - 1].time, currency: CURRENCY, ...row });
}

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const columns = ['time', 'reference', 'debtor', 'creditor', 'currency', 'amount'];
const csv = [columns, ...rows.map((row) => columns.map((column) => quoted(row[column])))]
  .map((cells) => cells.join(','))
  .join('\n');
writeFileSync(join(directory, 'day.csv'), `${csv}\n`);

const uuid = () => {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  digits[12] = '4';
  digits[16] = '8';
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
const agent = (bic) => `<FinInstnId><BICFI>${bic}</BICFI></FinInstnId>`;
const transfers = Array.from({ length: 8 }, (_, index) => ({ ...payment(index), cents: amountCents() })).map(
  (entry, index) => ({
    ...entry,
    debtor: 'AURLDEFF',
    creditor: BANKS[1 + (index % 3)],
    reference: `AURLTR${String(index + 1).padStart(4, '0')}`,
  }),
);
const total = transfers.reduce((sum, { cents }) => sum + cents, 0n);
const xml = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08">
  <FICdtTrf>
    <GrpHdr>
      <MsgId>AURLTREASURY0001</MsgId>
      <CreDtTm>2026-01-05T08:15:00Z</CreDtTm>
      <NbOfTxs>${transfers.length}</NbOfTxs>
      <TtlIntrBkSttlmAmt Ccy="${CURRENCY}">${money(total)}</TtlIntrBkSttlmAmt>
      <SttlmInf>
        <SttlmMtd>CLRG</SttlmMtd>
      </SttlmInf>
      <InstgAgt>${agent('AURLDEFF')}</InstgAgt>
    </GrpHdr>
${transfers
  .map(
    ({ reference, debtor, creditor, cents }) => `    <CdtTrfTxInf>
      <PmtId>
        <InstrId>${reference}</InstrId>
        <EndToEndId>${reference}-E2E</EndToEndId>
        <UETR>${uuid()}</UETR>
      </PmtId>
      <IntrBkSttlmAmt Ccy="${CURRENCY}">${money(cents)}</IntrBkSttlmAmt>
      <InstdAgt>${agent(creditor)}</InstdAgt>
      <Dbtr>${agent(debtor)}</Dbtr>
      <Cdtr>${agent(creditor)}</Cdtr>
    </CdtTrfTxInf>`,
  )
  .join('\n')}
  </FICdtTrf>
</Document>
`;
writeFileSync(join(directory, 'pacs009.xml'), xml);

const lineOf = ({ reference, amount }) =>
  2 + rows.findIndex((row) => row.reference === reference && row.amount === amount);
const expected = {
  'day.csv': { settled: PAYMENTS, refused: refused.map(({ code, row }) => ({ line: lineOf(row), code })) },
  'pacs009.xml': { settled: transfers.length, refused: [] },
};
writeFileSync(join(directory, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
