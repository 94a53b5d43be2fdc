import { expect } from 'chai';
import fc from 'fast-check';
import type { JsonSchema } from '../../../contracts/api/schema.js';
import { SchemaError } from '../../../contracts/api/schema.js';
import { RlpError } from '../../../primitives/rlp.js';
import { compileCodec } from '../../../sandbox/border/codec.js';
import type { GuestSchema } from '../../../sandbox/guest/schemas.js';
import { samples } from '../../support/schemaSamples.js';

type GuestT = typeof import('../../../sandbox/guest/schemas.js')['t'];

/** The guest's own schema values, without a guest: its host answers nothing. */
async function guestSchemas(): Promise<GuestT> {
  const globals = globalThis as unknown as { __vostroHost?: () => string };
  globals.__vostroHost = () => '';
  try {
    return (await import('../../../sandbox/guest/schemas.js')).t;
  } finally {
    delete globals.__vostroHost;
  }
}

/** The guest's schema value that a JSON Schema of ours describes. */
function guestSchema(t: GuestT, json: JsonSchema): GuestSchema {
  const [kind, number] = [json['x-vostro'] as string, (keyword: string) => json[keyword] as number];
  switch (kind) {
    case 'uint':
      return t.uint(number('maximum'));
    case 'text':
      return t.text(number('maxLength'), number('minLength'));
    case 'bytes':
      return t.bytes(number('x-maxBytes'), number('x-minBytes'));
    case 'hex':
      return t.hex(number('x-maxBytes'));
    case 'enum':
      return t.enum(json['enum'] as readonly string[]);
    case 'list':
      return t.list(guestSchema(t, json['items'] as JsonSchema), number('maxItems'), number('minItems'));
    case 'optional':
      return t.optional(guestSchema(t, (json['oneOf'] as readonly JsonSchema[])[0] as JsonSchema));
    case 'struct': {
      const properties = json['properties'] as Readonly<Record<string, JsonSchema>>;
      const fields = (json['x-order'] as readonly string[]).map((name) => [
        name,
        guestSchema(t, properties[name] as JsonSchema),
      ]);
      return t.struct(Object.fromEntries(fields));
    }
    default:
      return t[kind as 'amount'];
  }
}

describe('the codec of the border', () => {
  let t: GuestT;

  before(async () => {
    t = await guestSchemas();
  });

  const sides = samples.chain(({ schema, values }) => {
    const json = schema.schema();
    return values.map((value) => ({ value, bytes: schema.encode(value), json }));
  });

  it('says the same of a schema on both sides, and carries every value both ways. PROTOCOL §Sandbox Z1 and Z2', () => {
    fc.assert(
      fc.property(sides, ({ value, bytes, json }) => {
        const [host, guest] = [compileCodec(json), guestSchema(t, json)];
        expect(guest.json).to.deep.equal(json);
        expect(guest.read(host.textOf(bytes))).to.deep.equal(value);
        expect(host.bytesOf(guest.write(value))).to.deep.equal(bytes);
      }),
      { numRuns: 600 },
    );
  });

  it('refuses lines that are spoilt anywhere, or takes them for another value that its schema allows', () => {
    const spoilt = fc.tuple(sides, fc.nat(), fc.constantFrom('', '\n', '0', '1', 'x', '"', '-', '\u{1f3e6}', '\u202e'));
    fc.assert(
      fc.property(spoilt, ([{ value, json }, at, insert]) => {
        const [host, lines] = [compileCodec(json), guestSchema(t, json).write(value)];
        const place = at % (lines.length + 1);
        const other = lines.slice(0, place) + insert + lines.slice(place + (at % 2));
        let bytes: Uint8Array;
        try {
          bytes = host.bytesOf(other);
        } catch (error) {
          expect(error instanceof SchemaError || error instanceof RlpError, String(error)).to.equal(true);
          return;
        }
        // What is taken is canonical: the bytes are those of a value, and the value has these lines.
        expect(host.schema.encode(host.schema.decode(bytes))).to.deep.equal(bytes);
      }),
      { numRuns: 600 },
    );
  });
});
