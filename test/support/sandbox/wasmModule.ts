import { OP, TYPE } from '../../../sandbox/wasm/opcodes.js';
import { ByteWriter } from '../../../sandbox/wasm/writer.js';

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64';

export interface TestFunction {
  readonly parameters?: readonly WasmType[];
  readonly results?: readonly WasmType[];
  readonly locals?: readonly WasmType[];
  /** Without the last `end`. */
  readonly code: readonly number[];
  readonly exported?: string;
}

export interface TestModule {
  /** Functions `(i32) -> i32` under the module `host`. */
  readonly imports?: readonly string[];
  readonly functions: readonly TestFunction[];
  readonly pages?: number;
  readonly maxPages?: number;
  /** Mutable i32 globals with these values. */
  readonly globals?: readonly number[];
  /** Indices of functions in the table. */
  readonly table?: readonly number[];
  /** Sections that are written as they are, after all others. */
  readonly extra?: readonly (readonly [number, Uint8Array])[];
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A small WebAssembly module, written by hand. */
export function wasmModule(module: TestModule): Uint8Array {
  const { imports = [], functions, pages = 1, maxPages, globals = [], table = [], extra = [] } = module;
  const writer = new ByteWriter().raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = (id: number, entries: readonly Uint8Array[]): void => {
    if (entries.length === 0) return;
    const content = new ByteWriter().u32(entries.length);
    for (const entry of entries) content.raw(entry);
    writer.byte(id).sized(content.finish());
  };
  const signature = (parameters: readonly WasmType[], results: readonly WasmType[]): Uint8Array =>
    Uint8Array.of(
      TYPE.func,
      parameters.length,
      ...parameters.map((type) => TYPE[type]),
      results.length,
      ...results.map((type) => TYPE[type]),
    );
  const types = functions.map(({ parameters = [], results = [] }) => signature(parameters, results));
  section(1, [...types, signature(['i32'], ['i32'])]);
  section(
    2,
    imports.map((name) => new ByteWriter().sized(text('host')).sized(text(name)).byte(0).u32(types.length).finish()),
  );
  section(
    3,
    functions.map((_, index) => new ByteWriter().u32(index).finish()),
  );
  if (table.length > 0) section(4, [Uint8Array.of(0x70, 0, table.length)]);
  const limits = maxPages === undefined ? [0, pages] : [1, pages, maxPages];
  section(5, [Uint8Array.from(limits)]);
  section(
    6,
    globals.map((value) => new ByteWriter().raw([TYPE.i32, 1, OP.i32Const]).signed(value).byte(OP.end).finish()),
  );
  section(7, [
    ...functions.flatMap(({ exported }, index) =>
      exported === undefined
        ? []
        : [
            new ByteWriter()
              .sized(text(exported))
              .byte(0)
              .u32(imports.length + index)
              .finish(),
          ],
    ),
    new ByteWriter().sized(text('memory')).raw([2, 0]).finish(),
  ]);
  if (table.length > 0) section(9, [Uint8Array.of(0, OP.i32Const, 0, OP.end, table.length, ...table)]);
  section(
    10,
    functions.map(({ locals = [], code }) => {
      const body = new ByteWriter().u32(locals.length);
      for (const type of locals) body.u32(1).byte(TYPE[type]);
      return new ByteWriter().sized(body.raw(code).byte(OP.end).finish()).finish();
    }),
  );
  for (const [id, content] of extra) writer.byte(id).sized(content);
  return writer.finish();
}

/** `i32.const` of any value. */
export function constant(value: number): number[] {
  return [...new ByteWriter().byte(OP.i32Const).signed(value).finish()];
}
