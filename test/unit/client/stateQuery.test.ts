import { expect } from 'chai';
import { describeFacts, provenAbis, queryState } from '../../../client/stateQuery.js';
import { type ContractAbi, canonicalAbiText, defineContract, map, t } from '../../../contracts/api/index.js';
import { MapLayout } from '../../../contracts/api/state.js';
import { toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import { RegistryState } from '../../support/contractRegistry.js';

const rows = map([t.id], t.amount);

function deals(version: number): ContractAbi {
  return defineContract({ name: 'deals', version, state: { rows }, events: {}, errors: {} }).build({}).abi();
}

const bundleOf = (abi: ContractAbi) => toHex(sha256(utf8Encode(canonicalAbiText(abi))));

/** A node whose state names this version the newest. */
function source(newest: ContractAbi) {
  const state = new RegistryState([deals(1), newest].map((abi) => ({ abi, text: canonicalAbiText(abi) })));
  return {
    stateProof: async (keys: readonly { readonly contract: string; readonly key: string }[]) => {
      const [first, ...others] = keys.map(({ contract, key }) => state.proofOf(`${contract}/${key}`));
      const entries = [first, ...others].flatMap((one) => one?.facts.entries ?? []);
      return { bytes: new Uint8Array(), facts: { ...first?.facts, entries } as never };
    },
  };
}

describe('an entry of a bank’s contract that is asked for', () => {
  it('comes with the ABI that reads it, out of the same state', async () => {
    const abi = deals(2);
    const found = await queryState(source(abi), { abi, bundle: bundleOf(abi) }, 'rows', ['D-1']);
    expect(found).to.deep.include({ contract: 'deals', map: 'rows', key: ['D-1'], isAbsent: true });
  });

  it('is asked for again where another version came into force', async () => {
    const old = deals(1);
    const asked = queryState(source(deals(2)), { abi: old, bundle: bundleOf(old) }, 'rows', ['D-1']);
    expect(await asked).to.equal(undefined);
  });

  it('is read offline by the ABI that stands beside it, and by no other', async () => {
    const abi = deals(1);
    const state = new RegistryState([{ abi, text: canonicalAbiText(abi) }]);
    const registry = [...state.keys()].map((key) => ({ key, value: state.proofOf(key).facts.entries[0]?.value }));
    const layout = new MapLayout('rows', rows);
    const entry = { key: `deals/${layout.key(['D-1'])}`, value: layout.encode(7n) };
    expect(provenAbis(registry).get('deals')).to.deep.equal(abi);
    expect(describeFacts([entry, ...registry])[0]).to.deep.include({ map: 'rows', key: ['D-1'], value: '7' });
    const [bare] = describeFacts([entry, ...registry.filter(({ key }) => !key.includes('abis'))]);
    expect(bare).to.deep.include({ map: undefined, value: '0x07' });
  });
});
