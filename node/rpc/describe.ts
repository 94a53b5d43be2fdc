import type { Json } from '../../api/shape.js';
import type { BlockJson, BlockProofsJson, HandoverJson, ReceiptJson, TransactionJson } from '../../api/values.js';
import { toChecksum } from '../../primitives/address.js';
import { encodeHeader, headerHash } from '../../primitives/block.js';
import { toHex } from '../../primitives/bytes.js';
import { certificateSigners, encodeCertificate } from '../../primitives/certificate.js';
import { isCodedError } from '../../primitives/errors.js';
import { encodeReceipt } from '../../primitives/receipt.js';
import type {
  Block,
  BlockProofs,
  Call,
  Certificate,
  DecodedTransaction,
  Handover,
  Receipt,
} from '../../primitives/types.js';
import { encodeValidators } from '../../primitives/validator.js';
import type { ReceiptRecord } from '../execution/types.js';
import type { ContractPort } from './ports.js';

/** The JSON forms of what the chain holds. What a contract's ABI does not describe is shown as null beside its bytes. */

type Contracts = ReadonlyMap<string, ContractPort>;

function byAbi(contracts: Contracts, contract: string, read: (port: ContractPort) => Json): Json {
  const port = contracts.get(contract);
  if (port === undefined) return null;
  try {
    return read(port);
  } catch (error) {
    // An older version of the contract may have written it: the bytes stand beside.
    if (isCodedError(error)) return null;
    throw error;
  }
}

/** Names of the contracts that are needed to describe a receipt of these calls. */
export function contractsOf({ events, failedCall }: Receipt, calls: readonly Call[]): readonly string[] {
  const [failed = ''] = failedCall.split('.');
  return [...calls, ...events].map(({ contract }) => contract).concat(failed === '' ? [] : failed);
}

export function describeReceipt(
  { height, index, receipt }: ReceiptRecord,
  calls: readonly Call[],
  contracts: Contracts,
): ReceiptJson {
  const [failedContract = ''] = receipt.failedCall.split('.');
  return {
    id: toHex(receipt.transactionId),
    height,
    index,
    success: receipt.success,
    code: receipt.code,
    failedCall: receipt.failedCall,
    error: receipt.success
      ? null
      : byAbi(contracts, failedContract, ({ codec }) => codec.decodeErrorData(receipt.code, receipt.errorData)),
    fuelUsed: receipt.fuelUsed,
    events: receipt.events.map(({ contract, name, data }) => ({
      contract,
      name,
      data: byAbi(contracts, contract, ({ codec }) => codec.decodeEvent(name, data)),
    })),
    results: receipt.results.map((result, position) => {
      const { contract = '', method = '' } = calls[position] ?? {};
      return { contract, method, value: byAbi(contracts, contract, ({ codec }) => codec.decodeResult(method, result)) };
    }),
    outcomeCount: receipt.outcomeCount,
    outcomesRoot: toHex(receipt.outcomesRoot),
    bytes: toHex(encodeReceipt(receipt)),
  };
}

export function describeTransaction(
  transaction: DecodedTransaction,
  position: { readonly height: number; readonly index: number },
  contracts: Contracts,
): TransactionJson {
  const { body } = transaction;
  return {
    id: toHex(transaction.id),
    height: position.height,
    index: position.index,
    sender: toChecksum(body.sender),
    signers: body.signers.map(toChecksum),
    reference: toHex(body.reference),
    expiresAt: body.expiresAt,
    priority: body.priority,
    calls: body.calls.map(({ contract, method, args }) => ({
      contract,
      method,
      args: byAbi(contracts, contract, ({ codec }) => codec.decodeArgs(method, args)),
    })),
    bytes: toHex(transaction.bytes),
  };
}

export function describeBlock({ header, transactions }: Block, certificate: Certificate): BlockJson {
  return {
    height: header.height,
    blockHash: toHex(headerHash(header)),
    parentHash: toHex(header.parentHash),
    proposer: toChecksum(header.proposer),
    timestamp: header.timestamp,
    txRoot: toHex(header.txRoot),
    stateRoot: toHex(header.stateRoot),
    receiptsRoot: toHex(header.receiptsRoot),
    validatorsHash: toHex(header.validatorsHash),
    nextValidatorsHash: toHex(header.nextValidatorsHash),
    round: certificate.round,
    signers: certificateSigners(certificate),
    transactionCount: transactions.length,
    header: toHex(encodeHeader(header)),
    certificate: toHex(encodeCertificate(certificate)),
  };
}

export function describeProofs({ header, certificate, handovers, count, receipts }: BlockProofs): BlockProofsJson {
  return {
    height: header.height,
    header: toHex(encodeHeader(header)),
    certificate: toHex(encodeCertificate(certificate)),
    handovers: handovers.map(describeHandover),
    count,
    receipts: receipts.map(({ receipt, index, path }) => ({
      index,
      receipt: toHex(encodeReceipt(receipt)),
      path: path.map(toHex),
    })),
  };
}

export function describeHandover({ header, certificate, nextValidators }: Handover): HandoverJson {
  return {
    header: toHex(encodeHeader(header)),
    certificate: toHex(encodeCertificate(certificate)),
    validators: toHex(encodeValidators(nextValidators)),
  };
}
