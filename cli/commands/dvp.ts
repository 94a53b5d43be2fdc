import type { Command } from 'commander';
import { parseAddress, toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { parseMajorAmount } from '../amounts.js';
import { createProposal, type DvpProposal, formatProposal, parseProposal } from '../dvp/dvpFile.js';
import { dvpCalls } from '../dvp/dvpTerms.js';
import { usageError } from '../errors.js';
import { readTextFile, writeOutputFile } from '../files.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import {
  priorityOf,
  withAccount,
  withExamples,
  withJson,
  withNetwork,
  withSimulation,
  withUrgency,
  withWallet,
} from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult } from '../sending.js';
import { openSession, type Session, transactionLifeMs } from '../session.js';
import { sendSigned, signWithWallet } from '../signing/addSignatures.js';
import { MAX_SIGNING_FILE_BYTES, missingSigners, withSignatures } from '../signing/signingFile.js';
import { isSimulated, simulationResult } from '../simulation.js';
import { formatFields } from '../table.js';
import { currencyOf, parseUnits } from '../values.js';

export function register(program: Command, bind: Bind): void {
  const dvp = program
    .command('dvp')
    .description(
      'Delivery versus payment: units against money, both or neither, in one transaction that both banks sign.',
    );
  const propose = dvp
    .command('propose')
    .description('Write a proposal to a file that both banks sign, one after the other.')
    .requiredOption('--seller <account>', 'account that delivers the units and is paid')
    .requiredOption('--buyer <account>', 'account that pays and receives the units')
    .requiredOption('--instrument <id>', 'what is delivered')
    .requiredOption('--units <units>', 'whole number of units')
    .requiredOption('--price <amount>', 'what is paid for all of them, in the major unit, as 98500.00')
    .option('--currency <code>', 'ISO 4217 code; needed only where the network has several')
    .option('--expires-in <seconds>', 'how long both banks have to sign and send it')
    .requiredOption('--out <file>', 'where to write the proposal');
  withExamples(
    withJson(withUrgency(withAccount(propose))),
    'vostro dvp propose --seller AURLDEFF --buyer BORLFRPP --instrument BOND-2031 --units 100 --price 98500.00 --out bond.dvp.json',
  ).action(bind(proposeDvp));
  const show = dvp
    .command('show')
    .description('Check a proposal and show what it does and who has signed.')
    .argument('<file>', 'the proposal');
  withExamples(
    withSimulation(withJson(withNetwork(withWallet(show)))),
    'vostro dvp show bond.dvp.json --simulate',
    'vostro dvp show bond.dvp.json',
  ).action(bind(showDvp));
  const sign = dvp
    .command('sign')
    .description('Check a proposal, show what will be signed, and sign it with the wallet’s keys.')
    .argument('<file>', 'the proposal; the signature is added to it')
    .option('--yes', 'sign without asking on the terminal')
    .option('--out <file>', 'write the signed proposal to another file');
  withExamples(
    withJson(withSimulation(withAccount(sign))),
    'vostro dvp sign bond.dvp.json --wallet ./borealis --account BORLFRPP',
  ).action(bind(signDvp));
  const send = dvp
    .command('send')
    .description('Send a proposal that everybody has signed.')
    .argument('<file>', 'the proposal');
  withExamples(withSimulation(withJson(withNetwork(withWallet(send)))), 'vostro dvp send bond.dvp.json').action(
    bind(sendDvp),
  );
}

async function proposeDvp(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const units = parseUnits(options.required('units'), '--units');
  const session = await openSession(invocation);
  const { network, accounts, client, keyring } = session;
  const currency = currencyOf(network, options.text('currency'));
  const seller = await accounts.find(options.required('seller'));
  const buyer = await accounts.find(options.required('buyer'));
  if (seller.account === buyer.account) throw usageError('--buyer', 'another account than the seller’s', buyer.name);
  const longestMs = transactionLifeMs(network);
  const lifeSeconds = options.integer('expiresIn', 1, Math.floor(longestMs / 1_000));
  const body = client.buildTransaction({
    sender: seller.account,
    signers: [...(await keyring.addressesOf(seller)), ...(await keyring.addressesOf(buyer))],
    calls: dvpCalls({
      seller: seller.account,
      buyer: buyer.account,
      instrument: options.required('instrument'),
      units,
      currency,
      price: parseMajorAmount(options.required('price'), network.decimalsOf(currency)),
    }),
    priority: priorityOf(options),
    expiresAt: host.nowMs() + (lifeSeconds === undefined ? longestMs : lifeSeconds * 1_000),
  });
  const proposal = createProposal(body, network);
  const out = options.required('out');
  await writeOutputFile(out, formatProposal(proposal, network));
  return describe(session, proposal, `proposal written to ${out}; both banks sign it with: vostro dvp sign ${out}`, {
    file: out,
  });
}

async function showDvp(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const proposal = await readProposal(session, argument(invocation, 0, 'file'));
  if (isSimulated(invocation)) return simulationResult(session, proposal.body);
  return describe(session, proposal, 'the proposal says what its bytes say');
}

async function signDvp(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const path = argument(invocation, 0, 'file');
  const session = await openSession(invocation);
  const proposal = await readProposal(session, path);
  if (isSimulated(invocation)) return simulationResult(session, proposal.body);
  const summary = formatFields(summaryFields(session, proposal));
  const added = await signWithWallet(session, invocation, proposal, summary);
  const signed = withSignatures(proposal, added);
  const out = options.text('out');
  await writeOutputFile(out ?? path, formatProposal(signed, session.network), out === undefined);
  const file = out ?? path;
  const { data } = describe(session, signed, '', { file });
  const signedAs = added.map(({ signer }) => session.accounts.shown(signer)).join(', ');
  const missing = missingSigners(signed).map((signer) => session.accounts.shown(signer));
  const next = missing.length === 0 ? `complete: vostro dvp send ${file}` : `still to sign: ${missing.join(', ')}`;
  return { data, text: `signed as ${signedAs} in ${file}\n${next}` };
}

async function sendDvp(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const proposal = await readProposal(session, argument(invocation, 0, 'file'));
  if (isSimulated(invocation)) return simulationResult(session, proposal.body);
  const final = await sendSigned(session, invocation, proposal, 'vostro dvp sign');
  const { units, instrument, price, currency } = proposal.summary;
  return finalResult(final, `delivered ${units} ${instrument} against ${price} ${currency}`, {
    summary: proposal.summary,
  });
}

async function readProposal(session: Session, path: string): Promise<DvpProposal> {
  return parseProposal(await readTextFile(path, MAX_SIGNING_FILE_BYTES), session.network, session.backend);
}

function summaryFields({ accounts }: Session, { body, summary }: DvpProposal): readonly (readonly [string, string])[] {
  const shown = (party: string): string => accounts.shown(parseAddress(party));
  return [
    ['seller', shown(summary.seller)],
    ['delivers', `${summary.units} ${summary.instrument}`],
    ['buyer', shown(summary.buyer)],
    ['pays', `${summary.price} ${summary.currency}`],
    ['expires', summary.expiresAt],
    ['signers', body.signers.map((signer) => accounts.shown(signer)).join(', ')],
  ];
}

function describe(session: Session, proposal: DvpProposal, sentence: string, data: object = {}): CommandResult {
  const missing = missingSigners(proposal);
  const state =
    missing.length === 0
      ? 'complete: send it'
      : `missing: ${missing.map((signer) => session.accounts.shown(signer)).join(', ')}`;
  return {
    data: {
      ...data,
      transactionId: toHex(proposal.id),
      summary: proposal.summary,
      signedBy: proposal.signatures.map(({ signer }) => toChecksum(signer)),
      missing: missing.map(toChecksum),
    },
    text: `${formatFields([...summaryFields(session, proposal), ['signatures', state], ['transaction', toHex(proposal.id)]])}\n${sentence}`,
  };
}
