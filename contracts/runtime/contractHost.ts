import type { Hash } from '../../primitives/bytes.js';
import { LIMITS } from '../../primitives/limits.js';
import { encodeOutcome } from '../../primitives/receipt.js';
import type { Address } from '../../primitives/types.js';
import { apiFailure, ContractFailure } from '../api/failure.js';
import type { AccountView, CallContext, ContractFailureData, ContractHost, StateEntry, StateKey } from '../api/host.js';
import { type MethodSchemas, MIGRATE_METHOD } from '../api/method.js';
import { FUEL, HOST_LIMITS } from './fuelSchedule.js';
import { isPlainName, utf8Length } from './hostText.js';
import { namespaceOf, rangeWithin } from './namespaces.js';
import { MAX_RECEIPT_CONTENT_BYTES, type TransactionRun } from './transactionRun.js';

/** The contract that puts versions in force. */
const DEPLOYMENT_CONTRACT = 'contracts';

/** Prefixes of an event in a receipt. */
const EVENT_OVERHEAD_BYTES = 16;

/**
 * Enters a contract: one more frame of the run, with a namespace and a host of its own. What the frame wrote is taken
 * back when it fails.
 *
 * @throws ContractFailure, OutOfFuel; anything else broke the executor and is kept in `run.hostException`
 */
export function enterContract(
  run: TransactionRun,
  callerContract: string | undefined,
  contractName: string,
  method: string,
  args: Uint8Array,
): Uint8Array {
  const call = `${contractName}.${method}`;
  run.fuel.charge(FUEL.call + FUEL.callByte * args.length);
  const contract = run.environment.contracts.get(contractName);
  if (contract === undefined) throw apiFailure(call, 'CONTRACT_UNKNOWN', {});
  if (!isMigration(callerContract, method)) requireNotPaused(run, contractName, call);
  if (run.frames.includes(contractName)) throw apiFailure(call, 'REENTRANCY_REFUSED', {});
  if (run.frames.length >= HOST_LIMITS.callDepth) throw apiFailure(call, 'CALL_DEPTH_EXCEEDED', {});
  const host = new FrameHost(run, contractName, call, callerContract);
  return run.within(() => {
    const attempts = run.attempts.length;
    run.frames.push(contractName);
    const result = contract.dispatch(host, method, args);
    if (run.attempts.length !== attempts) throw apiFailure(call, 'CONTRACT_FAULT', { reason: 'attempts' });
    run.frames.pop();
    return result;
  });
}

/**
 * PROTOCOL §Governance V6. A pause ends with a better version, so it does not keep the members from putting that in force. Who else calls the
 * reserved method is refused by the contract.
 */
function isMigration(callerContract: string | undefined, method: string): boolean {
  return callerContract === DEPLOYMENT_CONTRACT && method === MIGRATE_METHOD;
}

/** Whoever calls it, a contract that the members have paused changes nothing; its views go on. */
function requireNotPaused({ principal, environment }: TransactionRun, contract: string, call: string): void {
  if (principal.readOnly) return;
  const untilMs = environment.governance.pausedUntil(contract);
  if (untilMs > environment.timestamp) throw apiFailure(call, 'PAUSED', { contract, untilMs });
}

/** One frame's way to the world. Every operation charges its fuel first, then checks its bounds, then does its work. */
class FrameHost implements ContractHost {
  readonly context: CallContext;
  readonly #run: TransactionRun;
  readonly #contract: string;
  readonly #call: string;
  readonly #namespace: StateKey;
  /** Attempts of the frames around this one. */
  readonly #outerAttempts: number;
  // Most keys are read and then written, most scopes used again: what was checked and joined once costs nothing again.
  #newestKey: StateKey | undefined;
  #newestStateKey: StateKey = '';
  #newestScope: string | undefined;
  #newestOwnScope = '';

  constructor(run: TransactionRun, contract: string, call: string, callerContract: string | undefined) {
    const { chainId, genesisHash, height, timestamp } = run.environment;
    const { sender, signers, readOnly } = run.principal;
    this.context = { chainId, genesisHash, height, timestamp, sender, signers, callerContract, readOnly };
    this.#run = run;
    this.#contract = contract;
    this.#call = call;
    this.#namespace = namespaceOf(contract);
    this.#outerAttempts = run.attempts.length;
  }

  get fuelLeft(): number {
    return this.#run.fuel.left;
  }

  get guestDepthLeft(): number {
    return this.#run.guestDepthLeft;
  }

  set guestDepthLeft(depth: number) {
    this.#run.guestDepthLeft = depth;
  }

  get(key: StateKey): Uint8Array | undefined {
    const { fuel, environment } = this.#run;
    fuel.charge(FUEL.read);
    const value = environment.state.get(this.#stateKey(key));
    if (value !== undefined) fuel.charge(FUEL.readByte * value.length);
    return value;
  }

  put(key: StateKey, value: Uint8Array): void {
    this.#requireWritable();
    this.#run.fuel.charge(FUEL.write + FUEL.writeByte * (key.length + value.length));
    const stateKey = this.#stateKey(key);
    this.#requireAtMost(value.length, HOST_LIMITS.valueBytes);
    this.#run.environment.state.put(stateKey, value);
    this.#run.onWrite(this.#contract);
  }

  delete(key: StateKey): void {
    this.#requireWritable();
    this.#run.fuel.charge(FUEL.write + FUEL.writeByte * key.length);
    this.#run.environment.state.delete(this.#stateKey(key));
    this.#run.onWrite(this.#contract);
  }

  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    const { fuel, environment } = this.#run;
    this.#requireWhole(limit);
    this.#requireAtMost(limit, HOST_LIMITS.rangeEntries);
    fuel.charge(FUEL.range + FUEL.rangeEntry * limit);
    this.#requireKey(prefix);
    if (after !== undefined) this.#requireKey(after);
    if (limit === 0) return [];
    const entries = rangeWithin(environment.state, this.#namespace, prefix, limit, after);
    let bytes = 0;
    for (const entry of entries) bytes += entry.value.length;
    fuel.charge(FUEL.readByte * bytes);
    return entries;
  }

  once(scope: string, reference: string, day: number): boolean {
    this.#requireWritable();
    this.#run.fuel.charge(FUEL.once);
    return this.#run.environment.usedOnce.use(this.#scope(scope, reference, day), reference, day);
  }

  used(scope: string, reference: string, day: number): boolean {
    this.#run.fuel.charge(FUEL.used);
    return this.#run.environment.usedOnce.isUsed(this.#scope(scope, reference, day), reference, day);
  }

  emit(event: string, data: Uint8Array): void {
    const run = this.#run;
    this.#requireWritable();
    run.fuel.charge(FUEL.event + FUEL.eventByte * data.length);
    this.#requireAtMost(data.length, HOST_LIMITS.eventBytes);
    if (!isPlainName(event)) throw apiFailure(this.#call, 'VALUE_INVALID', {});
    this.#requireAtMost(run.events.length + 1, LIMITS.eventsPerTransaction);
    const bytes = EVENT_OVERHEAD_BYTES + this.#contract.length + event.length + data.length;
    this.#requireAtMost(run.receiptBytes + bytes, MAX_RECEIPT_CONTENT_BYTES);
    run.receiptBytes += bytes;
    run.events.push({ contract: this.#contract, name: event, data });
  }

  outcome(reference: string, code: string): void {
    const run = this.#run;
    this.#requireWritable();
    const bytes = this.#textBytes(reference);
    run.fuel.charge(FUEL.outcome + FUEL.outcomeByte * (bytes + code.length));
    this.#requireAtMost(bytes, LIMITS.businessReferenceBytes);
    this.#requireAtMost(run.outcomes.length + 1, LIMITS.outcomesPerTransaction);
    if (bytes === 0 || (code !== '' && !isPlainName(code))) throw apiFailure(this.#call, 'VALUE_INVALID', {});
    run.outcomes.push(encodeOutcome({ reference, code }));
  }

  call(contract: string, method: string, args: Uint8Array, fuelLimit?: number): Uint8Array {
    const run = this.#run;
    const enter = () => enterContract(run, this.#contract, contract, method, args);
    if (fuelLimit === undefined) return enter();
    this.#requireWhole(fuelLimit);
    const result = run.withinFuel(fuelLimit, enter);
    if (result === undefined) throw apiFailure(`${contract}.${method}`, 'OUT_OF_FUEL', {});
    return result;
  }

  schemasOf(contract: string, method: string): MethodSchemas | undefined {
    return this.#run.environment.contracts.get(contract)?.schemasOf?.(method);
  }

  attempt(body: () => void): ContractFailureData | undefined {
    const run = this.#run;
    this.beginAttempt();
    const depth = run.attempts.length;
    try {
      body();
      if (run.attempts.length !== depth) throw apiFailure(this.#call, 'CONTRACT_FAULT', { reason: 'attempts' });
    } catch (error) {
      run.requireResult(error);
      while (run.attempts.length >= depth) this.endAttempt('takeBack');
      if (error instanceof ContractFailure) return error;
      throw error;
    }
    this.endAttempt('keep');
    return undefined;
  }

  beginAttempt(): void {
    const run = this.#run;
    run.fuel.charge(FUEL.attempt);
    this.#requireAtMost(run.attempts.length + 1, HOST_LIMITS.openAttempts);
    run.attempts.push(run.mark());
  }

  endAttempt(verdict: 'keep' | 'takeBack'): void {
    const run = this.#run;
    const mark = run.attempts.length > this.#outerAttempts ? run.attempts.pop() : undefined;
    if (mark === undefined) throw apiFailure(this.#call, 'CONTRACT_FAULT', { reason: 'attempts' });
    if (verdict === 'keep') run.keep(mark);
    else run.takeBack(mark);
  }

  useFuel(units: number): void {
    this.#requireWhole(units);
    this.#run.fuel.charge(units);
  }

  stateRoot(height: number): Hash | undefined {
    this.#requireWhole(height);
    this.#run.fuel.charge(FUEL.stateRoot);
    const { height: current } = this.context;
    const isRecent = height < current && height + HOST_LIMITS.stateRoots >= current;
    return isRecent ? this.#run.environment.stateRoot(height) : undefined;
  }

  account(account: Address): AccountView | undefined {
    this.#run.fuel.charge(FUEL.account);
    return this.#run.environment.registry.account(account);
  }

  authorises(account: Address): boolean {
    this.#run.fuel.charge(FUEL.authorises);
    return this.#run.environment.registry.authorises(account, this.#run.principal.signers);
  }

  /** The contract's own scopes: it reaches no other contract's entries, whatever it names. */
  #scope(scope: string, reference: string, day: number): string {
    this.#requireWhole(day);
    this.#requireAtMost(day, HOST_LIMITS.day);
    if (scope !== this.#newestScope) {
      this.#requireAtMost(this.#textBytes(scope), HOST_LIMITS.scopeBytes);
      this.#newestScope = scope;
      this.#newestOwnScope = this.#namespace + scope;
    }
    this.#requireAtMost(this.#textBytes(reference), LIMITS.businessReferenceBytes);
    return this.#newestOwnScope;
  }

  /** The key as the state of all contracts has it. */
  #stateKey(key: StateKey): StateKey {
    if (key !== this.#newestKey) {
      this.#requireKey(key);
      this.#newestKey = key;
      this.#newestStateKey = this.#namespace + key;
    }
    return this.#newestStateKey;
  }

  #requireWritable(): void {
    if (this.#run.principal.readOnly) throw apiFailure(this.#call, 'READ_ONLY', {});
  }

  #requireAtMost(actual: number, limit: number): void {
    if (actual > limit) throw apiFailure(this.#call, 'LIMIT_EXCEEDED', { limit });
  }

  #requireWhole(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw apiFailure(this.#call, 'VALUE_INVALID', {});
  }

  #textBytes(text: string): number {
    const bytes = utf8Length(text);
    if (bytes === undefined) throw apiFailure(this.#call, 'VALUE_INVALID', {});
    return bytes;
  }

  /** A key is a string of bytes: a wider character would name another key on disk than in memory. */
  #requireKey(key: StateKey): void {
    this.#requireAtMost(key.length, HOST_LIMITS.keyBytes);
    for (let i = 0; i < key.length; i++) {
      if (key.charCodeAt(i) > 0xff) throw apiFailure(this.#call, 'VALUE_INVALID', {});
    }
  }
}
