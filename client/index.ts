/** `vostro`: the door for integrators. Builds, signs and submits transactions, and believes only what is proven. */
export { API_LIMITS } from '../api/limits.js';
export type { MethodName, Params, Result } from '../api/methods.js';
export type { SimulationJson } from '../api/simulation.js';
export { codecFromAbi } from '../contracts/api/abiSchema.js';
export { callOf } from '../contracts/api/method.js';
export { parseAddress, toChecksum } from '../primitives/address.js';
export { formatAmount, parseAmount } from '../primitives/amount.js';
export { fromHex, type Hash, type Hex, toHex } from '../primitives/bytes.js';
export { CodedError, type ErrorDetails, isCodedError } from '../primitives/errors.js';
export { decodeEvidence, type Evidence, EvidenceError, evidenceId, verifyEvidence } from '../primitives/evidence.js';
export {
  decodeFinalityProof,
  ProofError,
  type ProofErrorCode,
  type TrustedChain,
  type VerifiedFinality,
  verifyFinalityProof,
} from '../primitives/finality.js';
export { nobleBackend } from '../primitives/signature.js';
export { assembleTransaction, decodeTransactionBody, encodeTransactionBody } from '../primitives/transaction.js';
export type {
  Address,
  Call,
  FinalityProof,
  Outcome,
  Receipt,
  SignatureBackend,
  TransactionBody,
  TransactionPriority,
  Validator,
} from '../primitives/types.js';
export { VostroClient } from './client.js';
export type { ClientModules, ClientOptions, Followed, ManyOptions, ProvenBalance } from './clientOptions.js';
export { ContractBook, ContractClient } from './contracts.js';
export { ClientError, type ClientErrorCode, NodeError, OutcomeUnknownError, TransportError } from './errors.js';
export { LightClient, type TrustedHandover, type TrustedState } from './lightClient.js';
export type { FinalTransaction, TransactionOutcome } from './outcomes.js';
export type { DescribedFact, QueriedState, StateKeyRequest, StateProofResult } from './stateQuery.js';
export type { Submission } from './submitter.js';
export {
  localSigner,
  type SignedTransaction,
  type TransactionRequest,
  type TransactionSigner,
} from './transactions.js';
export { formatTrustedState, parseTrustedState } from './trustedState.js';
export { FinalityVerifier, type ProvenValue, type VerifiedState } from './verifier.js';
