import type { Result } from '../../api/methods.js';
import { RANGE_LIMIT } from '../../contracts/api/rangeLimit.js';
import { assets, cash } from '../../contracts/index.js';
import { parseAddress, toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import { writeOutputFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';

/** Contracts that hold locks, beside those of banks. */
const HOLDERS = ['actions', 'credit', 'htlc', 'netting', 'queue', 'repo', 'settlement', 'subscriptions'] as const;
const MAX_ROWS_SHOWN = 500;
const MAX_PAGES = 1_000;

type Member = Result<'members'>['members'][number];

/** What an account has of one asset, looked through to who it is and who holds what for it. */
interface Position {
  readonly member: Member;
  readonly account: Address;
  readonly label: string;
  readonly active: boolean;
  readonly kind: 'cash' | 'units';
  readonly asset: string;
  readonly free: bigint;
  readonly locked: bigint;
  /** None: everything. */
  readonly frozen: bigint | undefined;
  /** What each contract holds of what is locked. */
  readonly held: Readonly<Record<string, bigint>>;
}

/** Every position of the members that are asked for; with `--csv` in a file. */
export async function showPositions(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const wanted = options.list('member');
  const members = (await allMembers(session)).filter(({ member }) => wanted.length === 0 || wanted.includes(member));
  const missing = wanted.find((bic) => members.every(({ member }) => member !== bic));
  if (missing !== undefined) {
    const facts = { expected: 'a member of the network', actual: missing };
    throw new CliError('NOT_FOUND', `expected a member of the network, found none called "${missing}"`, facts);
  }
  const found = (await Promise.all(members.map((member) => positionsOf(session, member)))).flat();
  const positions = await lookThrough(session, found);
  const path = options.text('csv');
  if (path !== undefined) await writeOutputFile(path, csvOf(session, positions));
  const text = tableOf(session, positions);
  return {
    data: { positions: positions.map((position) => dataOf(session, position)) },
    text: path === undefined ? text : `${positions.length} positions of ${members.length} members in ${path}`,
  };
}

async function allMembers({ client }: Session): Promise<readonly Member[]> {
  const members: Member[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await client.call('members', cursor === undefined ? {} : { cursor });
    members.push(...found.members);
    cursor = found.nextCursor;
    if (cursor === undefined) break;
  }
  return members;
}

async function accountsOf({ client }: Session, member: string): Promise<Result<'accounts'>['accounts']> {
  const accounts: Result<'accounts'>['accounts'][number][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await client.call('accounts', cursor === undefined ? { member } : { member, cursor });
    accounts.push(...found.accounts);
    cursor = found.nextCursor;
    if (cursor === undefined) break;
  }
  return accounts;
}

async function positionsOf(session: Session, member: Member): Promise<readonly Position[]> {
  const positions: Position[] = [];
  for (const { account: text, label, suspended } of await accountsOf(session, member.member)) {
    const account = parseAddress(text);
    const owner = { member, account, label, active: !suspended && !member.suspended };
    for (const { code } of session.network.currencies) {
      const found = await session.client.read(cash.methods.freezes, { currency: code, account });
      const locked = await session.client.read(cash.methods.locked, { currency: code, account });
      const { held, frozen, freezes } = found;
      if (held === 0n && freezes.length === 0) continue;
      const sums = { free: held - locked, locked, frozen: freezes.length === 0 ? 0n : frozen };
      positions.push({ ...owner, kind: 'cash', asset: code, ...sums, held: {} });
    }
    const holdings = await collectPages<{ instrument: string; amount: bigint; locked: bigint }>((last) =>
      session.client.read(assets.methods.holdings, { account, limit: PAGE_ITEMS, after: last?.instrument }),
    );
    for (const { instrument, amount, locked } of holdings) {
      const { frozen, freezes } = await session.client.read(assets.methods.freezes, { instrument, account });
      const sums = { free: amount - locked, locked, frozen: freezes.length === 0 ? 0n : frozen };
      positions.push({ ...owner, kind: 'units', asset: instrument, ...sums, held: {} });
    }
  }
  return positions;
}

/** Says of what is locked which contract holds it: each contract's locks of an asset are read once. */
async function lookThrough(session: Session, positions: readonly Position[]): Promise<readonly Position[]> {
  const contracts = await lockHolders(session);
  const assetsWithLocks = new Map(
    positions.filter(({ locked }) => locked > 0n).map(({ kind, asset }) => [`${kind} ${asset}`, { kind, asset }]),
  );
  const sums = new Map<string, bigint>();
  for (const { kind, asset } of assetsWithLocks.values()) {
    for (const contract of contracts) {
      for (const { owner, amount } of await locksOf(session, { kind, asset, contract })) {
        const key = `${kind} ${asset} ${owner} ${contract}`;
        sums.set(key, (sums.get(key) ?? 0n) + amount);
      }
    }
  }
  return positions.map((position) => {
    const { kind, asset, account, locked } = position;
    if (locked === 0n) return position;
    const held = contracts.flatMap((contract) => {
      const sum = sums.get(`${kind} ${asset} ${account} ${contract}`);
      return sum === undefined ? [] : [[contract, sum] as const];
    });
    return { ...position, held: Object.fromEntries(held) };
  });
}

/** Those that the network has, banks' contracts among them. */
async function lockHolders({ client }: Session): Promise<readonly string[]> {
  const { contracts } = await client.call('contracts', {});
  const names = contracts.flatMap((abi) => (isNamed(abi) ? [abi.name] : []));
  const standard: readonly string[] = HOLDERS;
  const known = new Set([...STANDARD_WITHOUT_LOCKS, ...standard]);
  return [
    ...new Set([...standard.filter((name) => names.includes(name)), ...names.filter((name) => !known.has(name))]),
  ];
}

function isNamed(abi: unknown): abi is { readonly name: string } {
  return typeof abi === 'object' && abi !== null && 'name' in abi && typeof abi.name === 'string';
}

const STANDARD_WITHOUT_LOCKS = [
  ...['assets', 'cash', 'contracts', 'evidence', 'governance', 'membership', 'orders', 'parameters', 'payments'],
  ...['pilots', 'prices', 'screening', 'supervision'],
];

async function locksOf(
  { client }: Session,
  { kind, asset, contract }: { readonly kind: Position['kind']; readonly asset: string; readonly contract: string },
): Promise<readonly { readonly owner: Address; readonly amount: bigint }[]> {
  const locks: { readonly owner: Address; readonly amount: bigint }[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const limit = RANGE_LIMIT;
    const rows =
      kind === 'cash'
        ? (await client.read(cash.methods.locks, { currency: asset, contract, limit, after })).map((row) => ({
            ...{ lock: row.lock, owner: row.debtor, amount: row.amount },
          }))
        : (await client.read(assets.methods.locks, { instrument: asset, contract, limit, after })).map((row) => ({
            ...{ lock: row.lock, owner: row.holder, amount: row.amount },
          }));
    locks.push(...rows);
    after = rows.at(-1)?.lock;
    if (rows.length < RANGE_LIMIT) break;
  }
  return locks;
}

function sumOf({ network }: Session, { kind, asset }: Position, amount: bigint): string {
  return kind === 'cash' ? formatMajorAmount(amount, network.decimalsOf(asset)) : amount.toString();
}

function frozenOf(session: Session, position: Position): string {
  return position.frozen === undefined ? 'everything' : sumOf(session, position, position.frozen);
}

function dataOf(session: Session, position: Position) {
  const { member, account, label, active, kind, asset, free, locked, held } = position;
  return {
    ...{ member: member.member, lei: member.lei, name: member.name, roles: member.roles },
    ...{ account: toChecksum(account), label, active, kind, asset },
    ...{ free: sumOf(session, position, free), locked: sumOf(session, position, locked) },
    frozen: frozenOf(session, position),
    lockedBy: Object.fromEntries(Object.entries(held).map(([name, sum]) => [name, sumOf(session, position, sum)])),
  };
}

function tableOf(session: Session, positions: readonly Position[]): string {
  if (positions.length === 0) return 'no positions';
  const shown = ({ kind, asset }: Position, amount: bigint): string =>
    formatAmountForPeople(amount, kind === 'cash' ? session.network.decimalsOf(asset) : 0);
  const rows = positions.slice(0, MAX_ROWS_SHOWN).map((position) => {
    const { member, label, active, asset, free, locked, frozen, held } = position;
    const by = Object.entries(held).map(([name, sum]) => `${name} ${shown(position, sum)}`);
    return [
      ...[`${member.member}/${label}${active ? '' : ' (suspended)'}`, asset, shown(position, free)],
      ...[shown(position, locked), frozen === undefined ? 'everything' : shown(position, frozen), by.join(', ')],
    ];
  });
  const right = { align: 'right' } as const;
  const columns = [
    ...[{ title: 'ACCOUNT' }, { title: 'ASSET' }, { title: 'FREE', ...right }, { title: 'LOCKED', ...right }],
    ...[{ title: 'FROZEN', ...right }, { title: 'LOCKED BY' }],
  ];
  const more =
    positions.length > MAX_ROWS_SHOWN ? `\nand ${positions.length - MAX_ROWS_SHOWN} more: --csv has all` : '';
  return `${formatTable(columns, rows)}${more}`;
}

/** RFC 4180, one line a position; each contract that holds a part in one cell, as `netting 70.00; htlc 5.00`. */
function csvOf(session: Session, positions: readonly Position[]): string {
  const header = 'bic,lei,name,account,label,active,kind,asset,free,locked,frozen,locked_by';
  const lines = positions.map((position) => {
    const data = dataOf(session, position);
    const by = Object.entries(data.lockedBy).map(([name, sum]) => `${name} ${sum}`);
    return [
      ...[data.member, data.lei, data.name, data.account, data.label, String(data.active), data.kind, data.asset],
      ...[data.free, data.locked, data.frozen, by.join('; ')],
    ]
      .map(cell)
      .join(',');
  });
  return `${[header, ...lines].join('\r\n')}\r\n`;
}

/** Quoted where it must be; never read as a formula by a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
