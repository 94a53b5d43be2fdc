import type { SignatureBackend, TransactionBody } from '../../primitives/types.js';
import {
  formatSigningFile,
  parseSigningFile,
  readFields,
  requireSame,
  type SigningFile,
  type SigningNetwork,
  unsigned,
} from '../signing/signingFile.js';
import { type DvpSummary, summariseDvp } from './dvpTerms.js';

/** A delivery versus payment on its way between two banks. */
export interface DvpProposal extends SigningFile {
  readonly summary: DvpSummary;
}

/** The network that a proposal must be for, and what is needed to read it. */
export interface DvpNetwork extends SigningNetwork {
  decimalsOf(currency: string): number;
}

const FORMAT = { format: 'vostro-dvp', version: 1, further: ['summary'] };

/** A proposal that nobody has signed yet. */
export function createProposal(body: TransactionBody, network: DvpNetwork): DvpProposal {
  return { ...unsigned(body, network), summary: summariseDvp(body, network.decimalsOf) };
}

/** The text of a proposal's file: readable, with the bytes that are signed beside what they mean. */
export function formatProposal(proposal: DvpProposal, network: DvpNetwork): string {
  return formatSigningFile(FORMAT, proposal, network, { summary: proposal.summary });
}

/**
 * Reads a proposal and believes none of its words: the summary must be what the bytes say, each signature must fit.
 *
 * @throws CliError `PROPOSAL_INVALID` naming the field
 */
export function parseProposal(text: string, network: DvpNetwork, backend: SignatureBackend): DvpProposal {
  const { further, ...file } = parseSigningFile(text, FORMAT, network, backend);
  const summary = summariseDvp(file.body, network.decimalsOf);
  const claimed = readFields(further['summary'], 'summary', Object.keys(summary));
  for (const [name, value] of Object.entries(summary)) {
    requireSame(`summary.${name}`, JSON.stringify(value), JSON.stringify(claimed[name]));
  }
  return { ...file, summary };
}
