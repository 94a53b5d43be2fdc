import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { CliError } from '../errors.js';
import { MAX_PAYMENT_ROWS, type PaymentFile, type PaymentRow, type RefusedRow } from './paymentRow.js';

/** What is read of a pacs.009.001.08 message: its control totals, and its transfers as rows. */
export interface Pacs009Message extends PaymentFile {
  readonly messageId: string;
  /** Interbank settlement date of the message's head as `YYYY-MM-DD`, where it has one. */
  readonly settlementDate: string | undefined;
}

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08';
const MAX_DEPTH = 32;
const MAX_TEXT = 140;
const ATTRIBUTE = '@';
const TEXT = '#text';

type Node = Readonly<Record<string | symbol, unknown>>;

/**
 * Reads an ISO 20022 financial institution credit transfer (pacs.009.001.08). Entities and document types are refused,
 * not resolved; control totals must fit.
 *
 * @throws CliError `FILE_MALFORMED`
 */
export function parsePacs009(text: string, path: string): Pacs009Message {
  refuseDeclarations(text, path);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw fileError(path, 'well-formed XML', `${valid.err.msg} (line ${valid.err.line})`);
  const transfer = openDocument(parseXml(text, path), path);
  const head = child(transfer, 'GrpHdr');
  const messageId = head === undefined ? undefined : leaf(head, 'MsgId');
  if (head === undefined || messageId === undefined) throw fileError(path, 'GrpHdr with a MsgId', 'none');
  const nodes = transfer['CdtTrfTxInf'];
  const transfers = Array.isArray(nodes) ? (nodes as readonly unknown[]) : [];
  if (transfers.length > MAX_PAYMENT_ROWS)
    throw fileError(path, `at most ${MAX_PAYMENT_ROWS} transfers`, String(transfers.length));
  const lineOf = lineCounter(text);
  const rows: PaymentRow[] = [];
  const malformed: RefusedRow[] = [];
  for (const node of transfers) {
    const row = readTransfer(node, lineOf);
    if ('code' in row) malformed.push(row);
    else rows.push(row);
  }
  checkTotals(head, transfers.length, rows, malformed.length, path);
  return { messageId, settlementDate: leaf(head, 'IntrBkSttlmDt'), rows, malformed };
}

function refuseDeclarations(text: string, path: string): void {
  const encoding = /^\ufeff?<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (encoding !== undefined && encoding.toUpperCase() !== 'UTF-8') throw fileError(path, 'UTF-8', encoding);
  for (const declaration of ['<!DOCTYPE', '<!ENTITY']) {
    if (text.toUpperCase().includes(declaration))
      throw fileError(path, 'a plain message', `a ${declaration} declaration`);
  }
}

function parseXml(text: string, path: string): unknown {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    // Not removeNSPrefix, which drops the namespaces themselves.
    transformTagName: (name) => name.slice(name.indexOf(':') + 1),
    parseTagValue: false,
    parseAttributeValue: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MAX_DEPTH,
    captureMetaData: true,
    isArray: (name) => name === 'CdtTrfTxInf',
  });
  try {
    return parser.parse(text);
  } catch (error) {
    throw fileError(path, 'a message of usual size and depth', String(error).slice(0, 120));
  }
}

/** The message inside `Document`, whatever prefix its namespace has. */
function openDocument(parsed: unknown, path: string): Node {
  const document = isNode(parsed) ? child(parsed, 'Document') : undefined;
  if (document === undefined) throw fileError(path, 'a Document', 'another root');
  const namespaces = Object.keys(document).filter((name) => name.startsWith(`${ATTRIBUTE}xmlns`));
  if (!namespaces.some((name) => document[name] === NAMESPACE)) {
    const actual = namespaces.map((name) => String(document[name])).join(', ') || 'no namespace';
    throw fileError(path, NAMESPACE, actual.slice(0, 120));
  }
  const transfer = child(document, 'FICdtTrf');
  if (transfer === undefined) throw fileError(path, 'FICdtTrf', 'none');
  return transfer;
}

function readTransfer(node: unknown, lineOf: (node: Node) => number): PaymentRow | RefusedRow {
  if (!isNode(node))
    return { line: 0, reference: '', code: 'ROW_MALFORMED', message: 'expected a transfer, found text' };
  const line = lineOf(node);
  const identification = child(node, 'PmtId');
  const reference =
    identification === undefined ? undefined : (leaf(identification, 'InstrId') ?? leaf(identification, 'EndToEndId'));
  const amount = child(node, 'IntrBkSttlmAmt');
  const fields = {
    'PmtId/InstrId or PmtId/EndToEndId': reference,
    'Dbtr/FinInstnId/BICFI or DbtrAcct/Id/Othr/Id': party(node, 'Dbtr'),
    'Cdtr/FinInstnId/BICFI or CdtrAcct/Id/Othr/Id': party(node, 'Cdtr'),
    'IntrBkSttlmAmt/@Ccy': amount === undefined ? undefined : plain(amount[`${ATTRIBUTE}Ccy`]),
    IntrBkSttlmAmt: amount === undefined ? undefined : plain(amount[TEXT]),
  };
  const missing = Object.entries(fields).find(([, value]) => value === undefined);
  if (missing !== undefined) {
    const message = `expected one ${missing[0]} of plain text, found none`;
    return { line, reference: reference ?? '', code: 'ROW_MALFORMED', message };
  }
  const [, debtor = '', creditor = '', currency = '', value = ''] = Object.values(fields);
  const endToEndId = identification === undefined ? undefined : leaf(identification, 'EndToEndId');
  const row = { line, reference: reference ?? '', debtor, creditor, currency, amount: value };
  return endToEndId === undefined ? row : { ...row, endToEndId };
}

/** The account that the message names, else the institution itself, whose settlement account is meant. */
function party(node: Node, name: 'Dbtr' | 'Cdtr'): string | undefined {
  if (node[`${name}Acct`] !== undefined) return leafAt(node, [`${name}Acct`, 'Id', 'Othr', 'Id']);
  return leafAt(node, [name, 'FinInstnId', 'BICFI']);
}

function checkTotals(
  head: Node,
  transfers: number,
  rows: readonly PaymentRow[],
  malformed: number,
  path: string,
): void {
  const count = leaf(head, 'NbOfTxs');
  if (count !== String(transfers))
    throw fileError(path, `NbOfTxs of ${transfers}, as many as there are transfers`, count ?? 'none');
  const total = child(head, 'TtlIntrBkSttlmAmt');
  if (total === undefined || malformed > 0) return;
  const sum = sumDecimals(rows.map((row) => row.amount));
  const stated = sumDecimals([plain(total[TEXT]) ?? '']);
  if (sum === undefined || sum === stated) return;
  throw fileError(path, 'TtlIntrBkSttlmAmt to be the sum of the transfers', plain(total[TEXT]) ?? 'none');
}

/** The exact sum in units of 10^-18; undefined where one is no decimal number, which its row is refused for. */
function sumDecimals(amounts: readonly string[]): bigint | undefined {
  let sum = 0n;
  for (const amount of amounts) {
    const match = /^(\d{1,30})(?:\.(\d{1,18}))?$/.exec(amount);
    if (match === null) return undefined;
    sum += BigInt(`${match[1]}${(match[2] ?? '').padEnd(18, '0')}`);
  }
  return sum;
}

function lineCounter(text: string): (node: Node) => number {
  const symbol = XMLParser.getMetaDataSymbol() as symbol;
  let line = 1;
  let position = 0;
  return (node) => {
    const metadata = node[symbol];
    const start = isNode(metadata) && typeof metadata['startIndex'] === 'number' ? metadata['startIndex'] : position;
    for (; position < start; position++) if (text.charCodeAt(position) === 10) line++;
    return line;
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The one element of that name: none and several are both no answer. Text alone is a node with text. */
function child(node: Node, name: string): Node | undefined {
  const value = Object.hasOwn(node, name) ? node[name] : undefined;
  if (typeof value === 'string') return { [TEXT]: value };
  return isNode(value) ? value : undefined;
}

function leaf(node: Node, name: string): string | undefined {
  const found = child(node, name);
  return found === undefined ? undefined : plain(found[TEXT]);
}

function leafAt(node: Node, path: readonly string[]): string | undefined {
  let at: Node | undefined = node;
  for (const name of path) at = at === undefined ? undefined : child(at, name);
  return at === undefined ? undefined : plain(at[TEXT]);
}

/** Text without references to entities, which are not read and so must not be passed on as they stand. */
function plain(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT || value.includes('&')) return undefined;
  return value;
}

function fileError(path: string, expected: string, actual: string): CliError {
  return new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the file must be an ISO 20022 pacs.009.001.08 message in UTF-8, without document type and entities',
  });
}
