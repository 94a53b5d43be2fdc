import { type ContractAbi, canonicalAbiText } from '../contracts/api/index.js';
import { type Hex, toHex } from '../primitives/bytes.js';
import { createStandardEngine } from '../sandbox/standardEngine.js';
import type { BuildFiles, ContractBuild } from './build.js';
import { SourcePlaces } from './bundle/sourcePlaces.js';
import { KitError } from './errors.js';
import { CONTRACT_JSON } from './project/contractJson.js';
import { loadBundle } from './sandboxed.js';

/** What a bundle is once the sandbox has loaded it, and the files of `<project>/build`. */
export interface Artefacts {
  readonly abi: ContractAbi;
  /** Units that every node uses once to load it. */
  readonly loadFuel: number;
  readonly engine: { readonly version: number; readonly hash: Hex };
  readonly files: BuildFiles;
}

/**
 * Loads a build into the sandbox, as the chain does when it is registered.
 *
 * @throws KitError `BUILD_FAILED` where it does not load, or is another contract than `contract.json` says
 */
export function artefactsOf(build: ContractBuild): Artefacts {
  const { project, program, sourceMap, archive, bundleHash, sourceHash, toolchain } = build;
  const { name, version } = project.json;
  const engine = createStandardEngine();
  const places = new SourcePlaces(sourceMap, project.modules.keys());
  const { abi, fuelUsed: loadFuel } = loadBundle(engine, program, places);
  if (abi.name !== name || abi.version !== version) {
    const [expected, actual] = [`${name} version ${version}`, `${abi.name} version ${abi.version}`];
    throw new KitError('BUILD_FAILED', `${CONTRACT_JSON}: it says ${expected}, the sources declare ${actual}`, {
      expected,
      actual,
      hint: `write the same name and version into ${CONTRACT_JSON} and defineContract`,
    });
  }
  const described = { version: engine.version, hash: toHex(engine.hash) };
  const manifest = { name, version, bundleHash, sourceHash, ...toolchain, engine: described, loadFuel };
  const files = new Map<string, string | Uint8Array>([
    [`${name}.bundle.js`, program],
    [`${name}.bundle.js.map`, sourceMap],
    ['abi.json', `${canonicalAbiText(abi)}\n`],
    ['source.archive', archive],
    ['manifest.json', `${JSON.stringify(manifest, undefined, 2)}\n`],
  ]);
  return { abi, loadFuel, engine: described, files };
}
