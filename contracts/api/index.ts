/** `vostro/contract`: everything that the author of a contract needs, and nothing of the node. */

export type { Address, Call } from '../../primitives/types.js';
export {
  type AbiCodec,
  AbiError,
  type AbiErrorCode,
  type ContractAbi,
  type MapAbi,
  type MethodAbi,
  type MigrationAbi,
} from './abi.js';
export { ABI_LIMITS, canonicalAbiText, parseCanonicalAbi, parseContractAbi } from './abiParse.js';
export { codecFromAbi, schemaFromJson } from './abiSchema.js';
export { AUTH_LIMITS, type Auth, type MethodAuthAbi } from './auth.js';
export { type CalendarDay, calendarDayOf, isCalendarDay } from './calendar.js';
export { compatibility, type InterfaceChange, interfaceChanges, type StateChange } from './compatibility.js';
export type { Fields, StructOf } from './composites.js';
export type { TxContext, ViewContext } from './context.js';
export { type BuiltContract, type ContractBuilder, defineContract, type StandardContract } from './define.js';
export {
  API_ERRORS,
  type ApiErrorCode,
  apiErrorSchema,
  apiFailure,
  CONTRACT_FAULTS,
  ContractFailure,
} from './failure.js';
export type {
  AccountView,
  CallContext,
  ContractFailureData,
  ContractHost,
  ExecutableContract,
  StateEntry,
  StateKey,
} from './host.js';
export { callOf, type MethodKind, type MethodRef } from './method.js';
export { RANGE_LIMIT } from './rangeLimit.js';
export { MEMBER_ROLES, type MemberRole } from './roles.js';
export {
  type Infer,
  type Json,
  type JsonSchema,
  KeySchema,
  Schema,
  SchemaError,
  type SchemaErrorCode,
} from './schema.js';
export { type MapEntry, type MapRow, map, type ReadonlyStateMap, type StateMap } from './state.js';
export { t } from './t.js';
