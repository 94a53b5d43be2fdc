import type { StateProofResult } from '../../client/stateQuery.js';
import type { ContractAbi } from '../../contracts/api/index.js';
import { MapLayout } from '../../contracts/api/state.js';
import { deploymentState as state } from '../../contracts/deployment/records.js';
import { sha256 } from '../../primitives/hash.js';
import { utf8Encode } from '../../primitives/text.js';
import { GENESIS_HASH, testHeader } from './finalityFixture.js';

export interface RegisteredAbi {
  readonly abi: ContractAbi;
  /** What stands in the state as its text. */
  readonly text: string;
}

/** A state that holds these versions, the last of each name as the newest one. */
export class RegistryState {
  readonly #rows = new Map<string, Uint8Array>();

  constructor(registered: readonly RegisteredAbi[]) {
    const contracts = new MapLayout('contracts', state.contracts);
    const versions = new MapLayout('versions', state.versions);
    const abis = new MapLayout('abis', state.abis);
    const engine = GENESIS_HASH;
    const kept = { source: engine, member: 'ALFADEFF', fromHeight: 1, untilHeight: undefined };
    for (const { abi, text } of registered) {
      const bytes = utf8Encode(text);
      const bundle = sha256(bytes);
      this.#put(contracts.key([abi.name]), contracts.encode({ active: true, version: abi.version, bundle, engine }));
      this.#put(versions.key([abi.name, abi.version]), versions.encode({ ...kept, bundle, engine }));
      this.#put(abis.key([bundle]), abis.encode(bytes));
    }
  }

  /** By a key of the contract's own. */
  get(key: string): Uint8Array | undefined {
    return this.#rows.get(`contracts/${key}`);
  }

  /** Every key, as the whole state has it. */
  keys(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** What a client takes for proven, under a key of the whole state. */
  proofOf(key: string): StateProofResult {
    const header = testHeader({ height: 7 });
    const entries = [{ key, value: this.#rows.get(key) }];
    const facts = { entries, header, blockHash: GENESIS_HASH, signers: 3, validators: [] };
    return { bytes: new Uint8Array(), facts: facts as unknown as StateProofResult['facts'] };
  }

  #put(key: string, value: Uint8Array): void {
    this.#rows.set(`contracts/${key}`, value);
  }
}
