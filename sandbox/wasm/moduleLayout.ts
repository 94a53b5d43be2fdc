import { OP, readInstruction, TYPE } from './opcodes.js';
import { ByteReader } from './reader.js';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

const KNOWN_SECTIONS: ReadonlySet<number> = new Set(Object.values(SECTION));
const HEADER_BYTES = 8;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

/** What the instrumenter must know of a module before it writes it anew. */
export interface ModuleLayout {
  readonly header: Uint8Array;
  /** Without the custom ones. */
  readonly sections: readonly Section[];
  readonly typeCount: number;
  /** How many parameters each type takes. */
  readonly parameterCounts: readonly number[];
  readonly importedFunctions: number;
  /** The type of each function of the module's own. */
  readonly functionTypes: readonly number[];
  readonly initialPages: number;
  readonly globalCount: number;
  readonly mutableGlobals: readonly number[];
}

/** @throws SandboxError `WASM_MALFORMED`, `WASM_UNSUPPORTED` */
export function readLayout(bytes: Uint8Array): ModuleLayout {
  const reader = new ByteReader(bytes);
  const header = reader.take(HEADER_BYTES);
  if (MAGIC_AND_VERSION.some((byte, index) => header[index] !== byte)) {
    throw reader.malformed('a WebAssembly module of version 1', 'another beginning');
  }
  const sections: Section[] = [];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    if (!KNOWN_SECTIONS.has(id)) throw reader.unsupported(`section ${id}`);
    const content = reader.take(reader.u32());
    if (id !== SECTION.custom) sections.push({ id, content });
  }
  const parameterCounts = readTypes(sectionReader(sections, SECTION.type));
  return {
    header,
    sections,
    typeCount: parameterCounts.length,
    parameterCounts,
    importedFunctions: countImports(sectionReader(sections, SECTION.import)),
    functionTypes: readIndices(sectionReader(sections, SECTION.function)),
    initialPages: readMemory(sectionReader(sections, SECTION.memory)),
    ...readGlobals(sectionReader(sections, SECTION.global)),
  };
}

/** The only section of this id, or nothing to read. */
function sectionReader(sections: readonly Section[], id: number): ByteReader | undefined {
  const found = sections.filter((section) => section.id === id);
  const [first] = found;
  if (first === undefined) return undefined;
  const reader = new ByteReader(first.content);
  if (found.length > 1) throw reader.malformed(`one section ${id}`, `${found.length}`);
  return reader;
}

function readTypes(reader: ByteReader | undefined): number[] {
  const counts: number[] = [];
  if (reader === undefined) return counts;
  for (let left = reader.u32(); left > 0; left--) {
    if (reader.byte() !== TYPE.func) throw reader.unsupported('a type that is no function');
    const parameters = reader.u32();
    reader.take(parameters);
    reader.take(reader.u32());
    counts.push(parameters);
  }
  return counts;
}

function countImports(reader: ByteReader | undefined): number {
  if (reader === undefined) return 0;
  const count = reader.u32();
  for (let left = count; left > 0; left--) {
    reader.take(reader.u32());
    reader.take(reader.u32());
    if (reader.byte() !== 0) throw reader.unsupported('an import that is no function');
    reader.u32();
  }
  return count;
}

function readIndices(reader: ByteReader | undefined): number[] {
  return reader === undefined ? [] : Array.from({ length: reader.u32() }, () => reader.u32());
}

function readMemory(reader: ByteReader | undefined): number {
  if (reader === undefined) return 0;
  if (reader.u32() !== 1) throw reader.unsupported('more than one memory');
  if (reader.byte() > 1) throw reader.unsupported('a shared or 64-bit memory');
  return reader.u32();
}

function readGlobals(reader: ByteReader | undefined): Pick<ModuleLayout, 'globalCount' | 'mutableGlobals'> {
  const mutableGlobals: number[] = [];
  const globalCount = reader?.u32() ?? 0;
  for (let index = 0; index < globalCount && reader !== undefined; index++) {
    reader.byte();
    if (reader.byte() === 1) mutableGlobals.push(index);
    while (readInstruction(reader).code !== OP.end);
  }
  return { globalCount, mutableGlobals };
}
