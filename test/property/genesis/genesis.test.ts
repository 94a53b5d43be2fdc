import { expect } from 'chai';
import fc from 'fast-check';
import { GenesisError } from '../../../genesis/errors.js';
import { encodeGenesis, genesisToJson, parseGenesis } from '../../../genesis/genesis.js';
import { toHex } from '../../../primitives/bytes.js';
import { testGenesis } from '../../support/settlementNetwork.js';

type Tree = { [name: string]: unknown };

const file = JSON.stringify(genesisToJson(testGenesis()));

/** Every place of the file, as a path of names and positions. */
function pathsOf(node: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof node !== 'object' || node === null) return [path];
  return [path, ...Object.entries(node).flatMap(([name, child]) => pathsOf(child, [...path, name]))];
}

const paths = pathsOf(JSON.parse(file)).filter((path) => path.length > 0);

/** The file with another value, or none, at one place. */
function changed(path: readonly string[], value: unknown): unknown {
  const tree = JSON.parse(file) as Tree;
  const parent = path.slice(0, -1).reduce<Tree>((node, name) => node[name] as Tree, tree);
  const name = path.at(-1) as string;
  if (value === undefined) delete parent[name];
  else parent[name] = value;
  return tree;
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.constantFrom('0x', '\ud800', -1, 0, 1e21, Number.MAX_SAFE_INTEGER, {}, [], '__proto__', 'constructor'),
  fc.constantFrom(...paths).map((path) => path.reduce<unknown>((node, name) => (node as Tree)[name], JSON.parse(file))),
);

describe('a genesis file', () => {
  it('is read to what writes the same file and bytes, or refused with a coded error, whatever is changed in it', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, change) => {
        const json = changed(path, change);
        let genesis: ReturnType<typeof parseGenesis>;
        try {
          genesis = parseGenesis(json);
        } catch (error) {
          if (!(error instanceof GenesisError)) throw error;
          expect(error.details.path, error.message).to.match(/^\$/);
          expect(error.details.expected).to.be.a('string');
          expect(error.details.actual).to.be.a('string');
          return;
        }
        accepted++;
        const again = parseGenesis(JSON.parse(JSON.stringify(genesisToJson(genesis))));
        expect(again).to.deep.equal(genesis);
        expect(toHex(encodeGenesis(again))).to.equal(toHex(encodeGenesis(genesis)));
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(accepted).to.be.greaterThan(5);
  });
});
