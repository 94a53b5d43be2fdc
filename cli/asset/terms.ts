import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { assets } from '../../contracts/assets/assets.js';
import { type Instrument, MAX_VERSIONS } from '../../contracts/assets/declaration.js';
import { toChecksum } from '../../primitives/address.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { CliError, usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatDay, parseDay, parseUnits } from '../values.js';
import { eligibilityOf, eligibilityText, withEligibility } from './eligibility.js';
import { readInstrument, setPaused } from './instrumentBook.js';

/** Versions of one page of the list. */
const PAGE = 100;

export function registerTerms(group: Command, bind: Bind): void {
  const amend = withEligibility(group.command('amend'))
    .description('Put other terms in force, under the next version; what is left out stays. The issuer alone may.')
    .argument('<instrument>', 'id of the instrument')
    .option('--name <name>', 'name for people')
    .option('--isin <isin>', 'its ISIN, where it has none yet')
    .option('--nominal <amount>', 'nominal value of one unit in the major unit')
    .option('--maturity <day>', 'as 2031-01-05')
    .option('--callable-from <day>', 'first day on which the issuer may redeem before the maturity')
    .option('--cap <units>', 'most units that may be outstanding')
    .option('--open-to-all', 'every account may receive units')
    .option(
      '--expected-version <version>',
      'refuse unless this version is in force; the one that is read when left out',
    );
  withExamples(
    withJson(withSending(amend)),
    'vostro asset amend BOND-2031 --account AURLDEFF --cap 60000',
    'vostro asset amend FUND-A --account AURLDEFF --eligible-role bank --admitted-only --expected-version 1',
  ).action(bind(amendTerms));
  const terms = group
    .command('terms')
    .description('Show the versions of an instrument’s terms; one of them when it is named.')
    .argument('<instrument>', 'id of the instrument')
    .argument('[version]', 'its number, from 1');
  withExamples(
    withJson(withNetwork(withWallet(terms))),
    'vostro asset terms BOND-2031',
    'vostro asset terms BOND-2031 1',
  ).action(
    bind((invocation) => (invocation.args[1] === undefined ? listVersions(invocation) : showVersion(invocation))),
  );
  registerPause(group, bind, 'pause', 'Stop transfers between holders; issue and redemption go on.');
  registerPause(group, bind, 'resume', 'Let transfers go on.');
}

function registerPause(group: Command, bind: Bind, name: 'pause' | 'resume', description: string): void {
  const command = group.command(name).description(description).argument('<instrument>', 'id of the instrument');
  withExamples(withJson(withSending(command)), `vostro asset ${name} BOND-2031 --account AURLDEFF`).action(
    bind((invocation) => setPaused(invocation, name === 'pause')),
  );
}

/** The terms in force with what the options change. */
function changedTerms({ options }: Invocation, { network }: Session, now: Instrument) {
  const [nominal, maturity, cap] = [options.text('nominal'), options.text('maturity'), options.text('cap')];
  const callableFrom = options.text('callableFrom');
  const rule = eligibilityOf(options);
  const isOpened = options.flag('openToAll');
  if (isOpened && rule !== undefined) throw usageError('--open-to-all', 'no other rule beside it', 'one');
  return {
    name: options.text('name') ?? now.name,
    isin: options.text('isin') ?? now.isin,
    nominal: nominal === undefined ? now.nominal : parseMajorAmount(nominal, network.decimalsOf(now.currency)),
    maturity: maturity === undefined ? now.maturity : parseDay(maturity, '--maturity'),
    callableFrom: callableFrom === undefined ? now.callableFrom : parseDay(callableFrom, '--callable-from'),
    cap: cap === undefined ? now.cap : parseUnits(cap, '--cap'),
    eligibility: isOpened ? undefined : (rule ?? now.eligibility),
  };
}

async function amendTerms(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const now = await readInstrument(session, instrument);
  const expectedVersion = invocation.options.integer('expectedVersion', 1, MAX_VERSIONS) ?? now.version;
  const terms = { instrument, expectedVersion, ...changedTerms(invocation, session, now) };
  const version = expectedVersion + 1;
  return transact(session, invocation, { account, calls: [callOf(assets.methods.amend, terms)] }, (final) =>
    finalResult(final, `version ${version} of ${instrument} is in force`, { instrument, version }),
  );
}

type Version = Awaited<ReturnType<typeof versionsPage>>[number];

function versionsPage({ client }: Session, instrument: string, after: number | undefined, limit = PAGE) {
  return client.read(assets.methods.versions, { instrument, limit, after });
}

function versionData({ network }: Session, currency: string, { timestamp, ...terms }: Version) {
  const { nominal, maturity, callableFrom, cap, isin, eligibility } = terms;
  return {
    ...terms,
    nominal: formatMajorAmount(nominal, network.decimalsOf(currency)),
    currency,
    maturity: maturity === undefined ? null : formatDay(maturity),
    callableFrom: callableFrom === undefined ? null : formatDay(callableFrom),
    isin: isin ?? null,
    cap: cap.toString(),
    eligibility: eligibility ?? null,
    since: new Date(timestamp).toISOString(),
  };
}

async function listVersions(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const session = await openSession(invocation);
  const { currency } = await readInstrument(session, instrument);
  const found: Version[] = [];
  for (let page = 0; page * PAGE < MAX_VERSIONS; page++) {
    const more = await versionsPage(session, instrument, found.at(-1)?.version);
    found.push(...more);
    if (more.length < PAGE) break;
  }
  const columns = [
    { title: 'VERSION', align: 'right' },
    { title: 'SINCE' },
    { title: 'NAME' },
    { title: 'NOMINAL', align: 'right' },
    { title: 'CAP', align: 'right' },
    { title: 'ELIGIBLE' },
  ] as const;
  const rows = found.map(({ version, timestamp, name, nominal, cap, eligibility }) => [
    String(version),
    new Date(timestamp).toISOString(),
    name,
    `${formatAmountForPeople(nominal, session.network.decimalsOf(currency))} ${currency}`,
    formatAmountForPeople(cap, 0),
    eligibilityText(eligibility),
  ]);
  const versions = found.map((each) => versionData(session, currency, each));
  return { data: { instrument, versions }, text: formatTable(columns, rows) };
}

async function showVersion(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const text = argument(invocation, 1, 'version');
  const version = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(version >= 1 && version <= MAX_VERSIONS)) throw usageError('version', `1 to ${MAX_VERSIONS}`, text);
  const session = await openSession(invocation);
  const { kind, issuer, currency } = await readInstrument(session, instrument);
  const [found] = await versionsPage(session, instrument, version === 1 ? undefined : version - 1, 1);
  if (found === undefined) {
    throw new CliError('NOT_FOUND', `expected a version of ${instrument}, found no version ${version}`, {
      expected: 'a version of its terms',
      actual: String(version),
      hint: `\`vostro asset terms ${instrument}\` lists them`,
    });
  }
  const decimals = session.network.decimalsOf(currency);
  const fields = formatFields([
    ['instrument', `${instrument}, version ${version}`],
    ['since', `${new Date(found.timestamp).toISOString()}, height ${found.height}`],
    ['name', found.name],
    ['kind', kind],
    ['issuer', session.accounts.shown(issuer)],
    ['isin', found.isin ?? 'none'],
    ['nominal', `${formatAmountForPeople(found.nominal, decimals)} ${currency}`],
    ['maturity', found.maturity === undefined ? 'none' : formatDay(found.maturity)],
    ['callable from', found.callableFrom === undefined ? 'none' : formatDay(found.callableFrom)],
    ['cap', formatAmountForPeople(found.cap, 0)],
    ['eligible', eligibilityText(found.eligibility)],
  ]);
  return {
    data: { instrument, kind, issuer: toChecksum(issuer), ...versionData(session, currency, found) },
    text: fields,
  };
}
