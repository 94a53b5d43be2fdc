import { expect } from 'chai';
import type { SenderReference } from '../../../node/execution/types.js';
import { ReferenceLookup } from '../../../node/referenceLookup.js';
import type { Address } from '../../../primitives/types.js';

const SENDER: Address = `0x${'11'.repeat(20)}`;
const reference = (index: number): Uint8Array => Uint8Array.of(index >> 8, index & 0xff);

describe('the lookup of references', () => {
  it('shares requests among questions that come together, and answers each with its own owner', async () => {
    const requests: number[] = [];
    const lookup = new ReferenceLookup({
      referenceOwners: async (asked: readonly SenderReference[]) => {
        requests.push(asked.length);
        return asked.map(({ reference: [high = 0, low = 0] }) =>
          low % 2 === 0 ? undefined : Uint8Array.of(high, low),
        );
      },
    });
    const questions = Array.from({ length: 50 }, (_, i) =>
      lookup.ownersOf(Array.from({ length: 100 }, (__, j) => ({ sender: SENDER, reference: reference(100 * i + j) }))),
    );
    const owners = (await Promise.all(questions)).flat();
    expect(requests).to.deep.equal(Array.from({ length: 10 }, () => 500));
    expect(owners.every((owner, i) => (i % 2 === 0 ? owner === undefined : owner?.[1] === (i & 0xff)))).to.equal(true);
  });

  it('tells a failure to those whose request failed, and serves those that come later', async () => {
    let fails = true;
    const asked = { sender: SENDER, reference: reference(1) };
    const lookup = new ReferenceLookup({
      referenceOwners: async (references: readonly SenderReference[]) => {
        if (fails) throw new RangeError('busy');
        return references.map(() => undefined);
      },
    });
    const outcomes = await Promise.allSettled([lookup.ownersOf([asked]), lookup.ownersOf([asked])]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    fails = false;
    expect(await lookup.ownersOf([asked])).to.deep.equal([undefined]);
  });
});
