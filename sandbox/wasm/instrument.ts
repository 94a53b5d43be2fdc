import { utf8Encode } from '../../primitives/text.js';
import { SandboxError } from '../errors.js';
import { type AddedFunction, addedFunctions } from './addedFunctions.js';
import { type ChargePlan, chargeBlocks } from './charges.js';
import type { Added } from './emit.js';
import { rewriteBody } from './functionBody.js';
import { type ModuleLayout, readLayout, SECTION, type Section } from './moduleLayout.js';
import { OP, TYPE } from './opcodes.js';
import { ByteReader } from './reader.js';
import { ByteWriter } from './writer.js';

export interface InstrumentOptions {
  /** Pages of 64 KiB that the module may ever have; one more behind them holds the marks of written blocks. */
  readonly guestPages: number;
  /** How a body pays; by blocks unless a test counts otherwise. */
  readonly plan?: ChargePlan;
}

export interface InstrumentedModule {
  readonly bytes: Uint8Array;
  /** Names under which the module's own mutable globals are exported. */
  readonly mutableGlobals: readonly string[];
  readonly initialPages: number;
  /** The first mark: one byte for each block of memory, 1 where something was written. */
  readonly marksAt: number;
}

const PAGE_BYTES = 65_536;
/** A store that begins before the marks and ends among them writes less than this. */
const GUARD_BYTES = 64;
const EXPORT_FUNCTION = 0;
const EXPORT_GLOBAL = 3;

/**
 * PROTOCOL §Sandbox W1–W3, U1, U2, U3. Writes a WebAssembly module anew so that it counts what it does and does the same
 * on every machine: fuel for each run of instructions, a bound of the calls inside each other, a memory of fixed size
 * that seems to grow, one NaN, and marks of the memory that it wrote. It exports its mutable globals, for a host that
 * puts it back, and `vostro_arm(fuel, depth)`, `vostro_fuel()`, `vostro_depth()`, `vostro_pages()` and
 * `vostro_set_pages(pages)`.
 *
 * @throws SandboxError `WASM_MALFORMED`; `WASM_UNSUPPORTED` for what has no price here
 */
export function instrument(bytes: Uint8Array, options: InstrumentOptions): InstrumentedModule {
  const layout = readLayout(bytes);
  const { guestPages } = options;
  if (layout.initialPages > guestPages) {
    throw new SandboxError(
      'WASM_UNSUPPORTED',
      `expected a memory of at most ${guestPages} pages, found ${layout.initialPages}`,
    );
  }
  const firstAdded = layout.importedFunctions + layout.functionTypes.length;
  const added: Added = {
    fuelGlobal: layout.globalCount,
    depthGlobal: layout.globalCount + 1,
    pagesGlobal: layout.globalCount + 2,
    growFunction: firstAdded,
    copyFunction: firstAdded + 1,
    fillFunction: firstAdded + 2,
    marksAt: guestPages * PAGE_BYTES + GUARD_BYTES,
  };
  const functions = addedFunctions(added, guestPages);
  const rewriting = { layout, added, functions, firstAdded, options };
  const writer = new ByteWriter(2 * bytes.length).raw(layout.header);
  for (const section of withRequired(layout.sections)) {
    writer.byte(section.id).sized(rewriteSection(section, rewriting));
  }
  return {
    bytes: writer.finish(),
    mutableGlobals: layout.mutableGlobals.map(globalName),
    initialPages: layout.initialPages,
    marksAt: added.marksAt,
  };
}

interface Rewriting {
  readonly layout: ModuleLayout;
  readonly added: Added;
  readonly functions: readonly AddedFunction[];
  readonly firstAdded: number;
  readonly options: InstrumentOptions;
}

function globalName(index: number): string {
  return `vostro_global_${index}`;
}

/** What the instrumenter adds to needs a section to be added to. */
function withRequired(sections: readonly Section[]): Section[] {
  const required = [SECTION.type, SECTION.function, SECTION.memory, SECTION.global, SECTION.export, SECTION.code];
  const missing = required.filter((id) => sections.every((section) => section.id !== id));
  const empty = missing.map((id) => ({ id, content: Uint8Array.of(0) }));
  return [...sections, ...empty].sort((a, b) => order(a.id) - order(b.id));
}

/** The data count stands before the code. */
function order(id: number): number {
  return id === SECTION.dataCount ? SECTION.element + 0.5 : id;
}

function rewriteSection({ id, content }: Section, rewriting: Rewriting): Uint8Array {
  switch (id) {
    case SECTION.type:
      return appended(
        content,
        rewriting.functions.map(({ type }) => type),
      );
    case SECTION.function: {
      const first = rewriting.layout.typeCount;
      return appended(
        content,
        rewriting.functions.map((_, index) => new ByteWriter(8).u32(first + index).finish()),
      );
    }
    case SECTION.memory:
      return fixedMemory(rewriting.options.guestPages + 1);
    case SECTION.global:
      return appended(content, [
        mutableGlobal(TYPE.i64, OP.i64Const, 0),
        mutableGlobal(TYPE.i32, OP.i32Const, 0),
        mutableGlobal(TYPE.i32, OP.i32Const, rewriting.layout.initialPages),
      ]);
    case SECTION.export:
      return appended(content, exports(rewriting));
    case SECTION.code:
      return rewriteCodeSection(content, rewriting);
    default:
      return content;
  }
}

/** The vector with more entries at its end. */
function appended(content: Uint8Array, entries: readonly Uint8Array[]): Uint8Array {
  const reader = new ByteReader(content);
  const writer = new ByteWriter(content.length + 64).u32(reader.u32() + entries.length);
  writer.raw(content.subarray(reader.position));
  for (const entry of entries) writer.raw(entry);
  return writer.finish();
}

function fixedMemory(pages: number): Uint8Array {
  return new ByteWriter(16).u32(1).byte(1).u32(pages).u32(pages).finish();
}

function mutableGlobal(type: number, constant: number, value: number): Uint8Array {
  return new ByteWriter(16).byte(type).byte(1).byte(constant).signed(value).byte(OP.end).finish();
}

function exports({ layout, functions, firstAdded }: Rewriting): Uint8Array[] {
  const entry = (name: string, kind: number, index: number): Uint8Array =>
    new ByteWriter(64).sized(utf8Encode(name)).byte(kind).u32(index).finish();
  return [
    ...layout.mutableGlobals.map((index) => entry(globalName(index), EXPORT_GLOBAL, index)),
    ...functions.flatMap(({ exported }, index) =>
      exported === undefined ? [] : [entry(exported, EXPORT_FUNCTION, firstAdded + index)],
    ),
  ];
}

function rewriteCodeSection(content: Uint8Array, { layout, added, functions, options }: Rewriting): Uint8Array {
  const reader = new ByteReader(content);
  const count = reader.u32();
  if (count !== layout.functionTypes.length)
    throw reader.malformed(`${layout.functionTypes.length} bodies`, `${count}`);
  const writer = new ByteWriter(2 * content.length).u32(count + functions.length);
  for (const type of layout.functionTypes) {
    const parameters = layout.parameterCounts[type];
    if (parameters === undefined) throw reader.malformed('a type of the module', `type ${type}`);
    writer.sized(rewriteBody(reader.part(reader.u32()), parameters, added, options.plan ?? chargeBlocks));
  }
  if (!reader.isAtEnd) throw reader.malformed('the end of the code section', 'more bytes');
  for (const { body } of functions) writer.sized(body);
  return writer.finish();
}
