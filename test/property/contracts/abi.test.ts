import { expect } from 'chai';
import fc from 'fast-check';
import {
  AbiError,
  canonicalAbiText,
  codecFromAbi,
  type Json,
  parseCanonicalAbi,
  parseContractAbi,
} from '../../../contracts/api/index.js';
import { MapCodec } from '../../../contracts/api/mapFromAbi.js';
import { standardAbis } from '../../../contracts/index.js';
import { contractBindings } from '../../../kit/bindings/contractBindings.js';

const texts = standardAbis()
  .map((abi) => JSON.stringify(abi))
  .filter((text) => text.length < 20_000);

const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 60,
    '',
    'amount',
    'struct',
    'list',
    '__proto__',
    'constructor',
    [],
    {},
  ),
  fc.constantFrom<Json>({ 'x-vostro': 'list' }, { any: [] }, { accounts: 7 }, [null], {
    'x-vostro': 'optional',
    oneOf: [],
  }),
);

/** Every place of a value: an object and the name of its member. */
function placesOf(
  value: unknown,
  found: [Record<string, unknown>, string][] = [],
): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const name of Object.keys(value)) {
    found.push([value as Record<string, unknown>, name]);
    placesOf((value as Record<string, unknown>)[name], found);
  }
  return found;
}

type Change = readonly [place: number, how: 'replace' | 'remove' | 'rename' | 'copy', value: Json];

function changed(text: string, changes: readonly Change[]): string {
  const whole: unknown = JSON.parse(text);
  for (const [at, how, value] of changes) {
    const places = placesOf(whole);
    const [object, name] = places[at % places.length] ?? [{}, ''];
    const [other, otherName] = places[(at * 31 + 7) % places.length] ?? [{}, ''];
    if (how === 'replace') object[name] = value;
    if (how === 'remove') delete object[name];
    if (how === 'rename') object[`${name}${typeof value === 'string' ? value : 'X'}`] = object[name];
    if (how === 'copy') object[name] = JSON.parse(JSON.stringify(other[otherName] ?? null));
  }
  return JSON.stringify(whole);
}

const changes = fc.array(fc.tuple(fc.nat(100_000), fc.constantFrom('replace', 'remove', 'rename', 'copy'), strange), {
  minLength: 1,
  maxLength: 3,
}) as fc.Arbitrary<Change[]>;

describe('an ABI that somebody has tampered with (PROTOCOL §Form of an ABI D1, D2)', () => {
  it('is refused with a code, or is one that everything can be built of', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), changes, (text, how) => {
        let abi: ReturnType<typeof parseContractAbi>;
        try {
          abi = parseContractAbi(changed(text, how));
        } catch (error) {
          expect(error).to.be.instanceOf(AbiError);
          return;
        }
        taken += 1;
        expect(parseCanonicalAbi(canonicalAbiText(abi))).to.deep.equal(abi);
        codecFromAbi(abi);
        for (const map of Object.keys(abi.state)) new MapCodec(abi, map);
        contractBindings(abi);
      }),
      { numRuns: 1_500 },
    );
    expect(taken).to.be.greaterThan(20);
  });

  it('is refused with a code when it is any JSON, or any text', () => {
    for (const anything of [fc.json(), fc.string()]) {
      fc.assert(
        fc.property(anything, (text) => {
          expect(() => parseContractAbi(text)).to.throw(AbiError);
        }),
      );
    }
  });
});
