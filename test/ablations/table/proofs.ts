import { type Ablation, edit, test } from '../ablation.js';

/** Rules for which somebody would believe what the chain does not hold, or a node would be at the mercy of who asks it. */
export const PROOFS: readonly Ablation[] = [
  {
    name: 'value-beside-its-proof',
    bug: 'takes any value for the one whose hash is proven',
    rule: 'Proof of the state Q2',
    edits: [edit('primitives/stateFinality.js', 'if (isSame)', 'if (isSame || true)')],
    caughtBy: [test('unit/primitives/stateFinality', 'does not hold for another value')],
  },
  {
    name: 'proof-of-another-key',
    bug: 'takes a proof of another key for an answer to what was asked',
    rule: 'Proof of the state: the reader compares the keys with what was asked',
    edits: [edit('client/stateQuery.js', 'if (actual !== expected)', 'if (false)')],
    caughtBy: [test('integration/client/provenState', 'is not a proof of another key')],
  },
  {
    name: 'abi-of-another-version',
    bug: 'reads the state of a bank’s contract by an ABI that the state does not name the newest',
    rule: 'client/stateQuery.ts, queryState',
    edits: [edit('client/stateQuery.js', '!provenAbis(facts.entries).has(abi.name)', 'false')],
    caughtBy: [test('unit/client/stateQuery', 'is asked for again where another version came into force')],
  },
  {
    name: 'simulations-without-end',
    bug: 'lets simulations end the executor’s thread as often as they like, until the node stops',
    rule: 'node/execution/executorClient.ts, SIMULATION_DEATHS',
    edits: [edit('node/execution/executorClient.js', 'this.#simulations.isSpent(performance.now())', 'false')],
    caughtBy: [test('integration/execution/hostException', 'tries none for a while once three have ended its thread')],
  },
  {
    name: 'artefact-of-another-hash',
    bug: 'takes whatever a node gives for the sources of a contract',
    rule: 'cli/contract/registry.ts, readArtefact',
    edits: [edit('cli/contract/registry.js', 'if (equalBytes(actual, hash))', 'if (true)')],
    caughtBy: [test('unit/cli/contractRegistry', 'are not other bytes than those of their hash')],
  },
];
