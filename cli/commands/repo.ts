import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { repo } from '../../contracts/index.js';
import type { Call } from '../../primitives/types.js';
import { Money, resultOf, type Step, type Told, takeStep, timeOf } from '../collateral/step.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { acceptStep, offerStep } from '../repo/offering.js';
import { describeRepo, listRepos, readRepo, unitsText } from '../repo/repoBook.js';
import { openSession, type Session } from '../session.js';
import { parseUnits } from '../values.js';

const r = repo.methods;
const ID_HELP = 'its id';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('repo')
    .description('Units that one bank sells to another and buys back: cash against units at once, both ways.');
  registerOpening(group, bind);
  registerClosing(group, bind);
  registerMargin(group, bind);
  registerSubstitution(group, bind);
  const show = group
    .command('show')
    .description('Show a repo: what is owed, and what covers it.')
    .argument('<id>', ID_HELP);
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro repo show AURLDEFF-R1').action(
    bind(async (invocation) => describeRepo(await openSession(invocation), argument(invocation, 0, 'id'))),
  );
  const list = group
    .command('list')
    .description('List repos that an account has offered, is offered or is a party of.');
  withExamples(withJson(withAccount(list)), 'vostro repo list --account BORLFRPP').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      return listRepos(session, (await session.accounts.own(session.settings.account)).account);
    }),
  );
}

function registerOpening(group: Command, bind: Bind): void {
  const offer = group
    .command('offer')
    .description('Offer units to a buyer, and set them aside. The account is the seller.')
    .argument('<id>', 'the BIC of the account’s member, a dash, and a name of your own, as AURLDEFF-R1')
    .requiredOption('--to <account>', 'the buyer')
    .requiredOption('--instrument <id>', 'what is sold')
    .requiredOption('--units <units>', 'whole number of units')
    .requiredOption('--cash <amount>', 'what the buyer pays, in the major unit of the instrument’s currency')
    .requiredOption('--rate <percent>', 'what the seller pays beside it, a year, ACT/360, as 3.5%')
    .requiredOption('--open-before <time>', 'until when it can be accepted, as 2026-01-05T16:00:00Z or +1h')
    .requiredOption('--close-at <time>', 'from when the seller buys the units back')
    .requiredOption('--grace <duration>', 'how long after that the seller has failed, as 2h')
    .requiredOption('--haircut <percent>', 'what is taken off the price of the units before they cover what is owed')
    .requiredOption('--margin-time <duration>', 'how long the seller has to meet a margin call, as 2h')
    .option('--threshold <amount>', 'no margin is called or returned of no more than this');
  withExamples(
    withJson(withSending(offer)),
    'vostro repo offer AURLDEFF-R1 --account AURLDEFF --to BORLFRPP --instrument BOND-2031 --units 100 --cash 90000.00 --rate 3.5% --open-before +1h --close-at +7d --grace 2h --haircut 10% --margin-time 2h',
  ).action(bind((invocation) => takeStep(invocation, (session, account) => offerStep(invocation, session, account))));
  const accept = group
    .command('accept')
    .description('Accept an offer: cash against units, at once. The account is the buyer.')
    .argument('<id>', ID_HELP);
  withExamples(withJson(withSending(accept)), 'vostro repo accept AURLDEFF-R1 --account BORLFRPP').action(
    bind((invocation) => takeStep(invocation, (session, account) => acceptStep(invocation, session, account))),
  );
  plain(group, bind, 'cancel', 'Take an offer back, or end one that nobody can accept any more.', 'is cancelled');
}

function registerClosing(group: Command, bind: Bind): void {
  const close = group
    .command('close')
    .description('Pay what is owed and have the units back, at once. The account is the seller.')
    .argument('<id>', ID_HELP);
  withExamples(withJson(withSending(close)), 'vostro repo close AURLDEFF-R1 --account AURLDEFF').action(
    bind((invocation) =>
      onRepo(
        invocation,
        (id) => callOf(r.close, { id }),
        async (session, id, result) => {
          const { isClosed, obstacle } = resultOf(r.close, result);
          const { data } = await describeRepo(session, id);
          const waits = `${obstacle} keeps the units from the seller; the price is set aside: vostro repo settle ${id}`;
          return {
            sentence: isClosed ? `${id} is closed` : waits,
            data: { ...data, isClosed, obstacle: obstacle ?? null },
          };
        },
      ),
    ),
  );
  plain(group, bind, 'settle', 'Complete a closing whose price was set aside; anybody may.', 'is closed');
  plain(
    group,
    bind,
    'take-back',
    'Take the price back that was set aside, by the seller.',
    'waits for its seller again',
  );
  plain(group, bind, 'collect', 'Give a buyer what it was paid while it was suspended.', 'has its money collected');
  const fail = group
    .command('fail')
    .description(
      'Give notice to a seller that has failed; once it has run, end the repo and keep the units, by the buyer.',
    )
    .argument('<id>', ID_HELP);
  withExamples(withJson(withSending(fail)), 'vostro repo fail AURLDEFF-R1 --account BORLFRPP').action(
    bind((invocation) => onRepo(invocation, (id) => callOf(r.fail, { id }), failureTold)),
  );
  const early = group
    .command('allow-early')
    .description('Let the seller close before the time, by the buyer.')
    .argument('<id>', ID_HELP)
    .option('--withdraw', 'take that back');
  withExamples(withJson(withSending(early)), 'vostro repo allow-early AURLDEFF-R1 --account BORLFRPP').action(
    bind((invocation) => {
      const isEarly = !invocation.options.flag('withdraw');
      const sentence = isEarly ? 'may be closed now' : 'is closed at its time';
      return onRepo(invocation, (id) => callOf(r.allowEarly, { id, isEarly }), told(sentence));
    }),
  );
}

function registerMargin(group: Command, bind: Bind): void {
  const revalue = group
    .command('revalue')
    .description(
      'Compare what is owed with what covers it: call for margin, end a call, or give margin back. Anybody may.',
    )
    .argument('<id>', ID_HELP);
  withExamples(withJson(withSending(revalue)), 'vostro repo revalue AURLDEFF-R1 --account BORLFRPP').action(
    bind((invocation) => onRepo(invocation, (id) => callOf(r.revalue, { id }), revaluationTold)),
  );
  const pay = group
    .command('pay-margin')
    .description('Pay margin, which counts towards the price. The account is the seller.')
    .argument('<id>', ID_HELP)
    .requiredOption('--amount <amount>', 'in the major unit');
  withExamples(
    withJson(withSending(pay)),
    'vostro repo pay-margin AURLDEFF-R1 --account AURLDEFF --amount 900.00',
  ).action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const id = argument(invocation, 0, 'id');
        const money = new Money(session, (await readRepo(session, id)).currency);
        const amount = money.parse(invocation.options.required('amount'));
        return {
          call: callOf(r.payMargin, { id, amount }),
          told: () => told(`has ${money.shown(amount)} more margin`)(session, id),
        };
      }),
    ),
  );
}

async function failureTold(session: Session, id: string, bytes: Uint8Array | undefined): Promise<Told> {
  const { isFailed, until } = resultOf(r.fail, bytes);
  const { data, text } = await describeRepo(session, id);
  const notice = `the seller of ${id} has notice: it may perform until ${timeOf(until ?? 0)}, then end it by the same command`;
  return {
    sentence: `${isFailed ? `${id} has failed` : notice}\n${text}`,
    data: { ...data, isFailed, until: until === undefined ? null : timeOf(until) },
  };
}

async function revaluationTold(session: Session, id: string, bytes: Uint8Array | undefined): Promise<Told> {
  const { result, amount, units } = resultOf(r.revalue, bytes);
  const repo = await readRepo(session, id);
  const money = new Money(session, repo.currency);
  const back = [
    ...(amount > 0n ? [money.shown(amount)] : []),
    ...(units > 0n ? [unitsText({ instrument: repo.instrument, units })] : []),
  ].join(' and ');
  const sentences = {
    called: `${id} is short of ${money.shown(amount)}: the seller is called for margin`,
    cured: `${id} is covered again: the call is over`,
    returned: `${id} is covered too well: the seller has back ${back}`,
  } as const;
  return { sentence: sentences[result], data: { id, result, amount: money.data(amount), units: units.toString() } };
}

function registerSubstitution(group: Command, bind: Bind): void {
  for (const [name, method, description, who] of [
    [
      'substitute',
      'offerSubstitute',
      'Offer units in the place of those that the buyer has, by the seller.',
      'AURLDEFF',
    ],
    [
      'accept-substitute',
      'acceptSubstitute',
      'Take the units that are offered for those that the account has, by the buyer.',
      'BORLFRPP',
    ],
  ] as const) {
    const command = group
      .command(name)
      .description(description)
      .argument('<id>', ID_HELP)
      .requiredOption('--instrument <id>', 'the instrument')
      .requiredOption('--units <units>', 'whole number of units');
    withExamples(
      withJson(withSending(command)),
      `vostro repo ${name} AURLDEFF-R1 --account ${who} --instrument BOND-2032 --units 110`,
    ).action(
      bind((invocation) => {
        const { options } = invocation;
        const units = {
          instrument: options.required('instrument'),
          units: parseUnits(options.required('units'), '--units'),
        };
        const sentence =
          name === 'substitute' ? `has an offer of ${unitsText(units)}` : `holds ${unitsText(units)} now`;
        return onRepo(invocation, (id) => callOf(r[method], { id, ...units }), told(sentence));
      }),
    );
  }
  plain(
    group,
    bind,
    'drop-substitute',
    'Take units back that were offered in the place of others.',
    'has no substitute offered',
  );
}

const PLAIN = {
  cancel: r.cancel,
  settle: r.settle,
  'take-back': r.takeBack,
  collect: r.collect,
  'drop-substitute': r.dropSubstitute,
} as const;

/** A command that names a repo and nothing more. */
function plain(group: Command, bind: Bind, name: keyof typeof PLAIN, description: string, sentence: string): void {
  const command = group.command(name).description(description).argument('<id>', ID_HELP);
  withExamples(withJson(withSending(command)), `vostro repo ${name} AURLDEFF-R1 --account AURLDEFF`).action(
    bind((invocation) => onRepo(invocation, (id) => callOf(PLAIN[name], { id }), told(sentence))),
  );
}

type Teller = (session: Session, id: string, result?: Uint8Array) => Promise<Told>;

/** What was done, and the repo as it is now. */
function told(sentence: string): Teller {
  return async (session, id) => {
    const { data, text } = await describeRepo(session, id);
    return { sentence: `${id} ${sentence}\n${text}`, data };
  };
}

function onRepo(invocation: Invocation, call: (id: string) => Call, tell: Teller) {
  const id = argument(invocation, 0, 'id');
  return takeStep(
    invocation,
    async (session): Promise<Step> => ({ call: call(id), told: (result) => tell(session, id, result) }),
  );
}
