import { expect } from 'chai';
import fc from 'fast-check';
import {
  chooseSigners,
  policyFault,
  policyShortfall,
  type SigningPolicy,
} from '../../../contracts/membership/policy.js';
import type { Address } from '../../../primitives/types.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'].map((name) => `0x${name.repeat(40)}` as Address);
const SETS = subsets(KEYS);

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 1 << items.length }, (_, bits) =>
    items.filter((_item, index) => (bits >> index) % 2 === 1),
  );
}

/** Every policy of up to four keys, sound or not. */
function allPolicies(): readonly SigningPolicy[] {
  const keySets = subsets(KEYS.slice(0, 4)).filter((keys) => keys.length > 0);
  return keySets.flatMap((keys) =>
    subsets(KEYS.slice(0, 4)).flatMap((checkers) =>
      [0, 1, 2, 3, 4, 5].map((threshold): SigningPolicy => ({ keys, threshold, checkers })),
    ),
  );
}

/** The rule in other words: what the signers are, counted. */
function satisfies({ keys, threshold, checkers }: SigningPolicy, signers: readonly Address[]): boolean {
  const signed = keys.filter((key) => signers.includes(key));
  if (signed.length < threshold) return false;
  if (checkers.length === 0) return true;
  return signed.some((key) => checkers.includes(key)) && signed.some((key) => !checkers.includes(key));
}

describe('signing policies', () => {
  it('are satisfied by exactly the sets of signers that the rule names, of every policy and every set', () => {
    for (const policy of allPolicies()) {
      for (const signers of SETS) {
        const shortfall = policyShortfall(policy, signers, () => true);
        expect(shortfall === undefined, JSON.stringify({ policy, signers })).to.equal(satisfies(policy, signers));
      }
    }
  });

  it('are sound exactly where some signers satisfy them, and their threshold says how few those are', () => {
    for (const policy of allPolicies()) {
      const sizes = SETS.filter((signers) => satisfies(policy, signers)).map(({ length }) => length);
      const isMeant = policy.checkers.every((key) => policy.keys.includes(key));
      const isSound = policy.threshold > 0 && isMeant && Math.min(...sizes) === policy.threshold;
      expect(policyFault(policy) === undefined, JSON.stringify(policy)).to.equal(isSound);
    }
  });

  it('count no key that has ended, and no key twice', () => {
    const policy = { keys: KEYS.slice(0, 3), threshold: 2, checkers: KEYS.slice(2, 3) };
    for (const signers of SETS) {
      for (const active of SETS) {
        const actual = policyShortfall(policy, [...signers, ...signers], (key) => active.includes(key));
        const expected = satisfies(
          policy,
          signers.filter((key) => active.includes(key)),
        );
        expect(actual === undefined).to.equal(expected);
      }
    }
  });

  it('find signers among the keys that are held wherever some of those satisfy them, and no more than it takes', () => {
    const sound = allPolicies().filter((policy) => policyFault(policy) === undefined);
    fc.assert(
      fc.property(fc.constantFrom(...sound), fc.shuffledSubarray(KEYS), (policy, held) => {
        const chosen = chooseSigners(policy, held);
        expect(chosen.every((key) => held.includes(key))).to.equal(true);
        expect(satisfies(policy, chosen)).to.equal(satisfies(policy, held));
        if (satisfies(policy, held)) expect(chosen).to.have.lengthOf(policy.threshold);
      }),
      { numRuns: 2_000 },
    );
  });
});
