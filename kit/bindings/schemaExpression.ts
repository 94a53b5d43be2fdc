import type { Json } from '../../contracts/api/schema.js';
import { type Expression, quoted, word } from './layout.js';

type SchemaJson = Readonly<Record<string, Json>>;

/** The expression of `vostro/contract` that makes the schema of a checked ABI: `t.list(t.address, 4, 1)`. */
export function schemaExpression(json: Json | undefined): Expression {
  const schema = json as SchemaJson;
  const number = (keyword: string): number => Number(schema[keyword]);
  switch (schema['x-vostro']) {
    case 'uint':
      return call('uint', number('maximum') === Number.MAX_SAFE_INTEGER ? [] : [number('maximum')]);
    case 'text':
      return call('text', bounds(number('maxLength'), number('minLength'), 1));
    case 'bytes': {
      const [max, min] = [number('x-maxBytes'), number('x-minBytes')];
      return max === min ? call('fixedBytes', [max]) : call('bytes', bounds(max, min, 0));
    }
    case 'hex':
      return call('hex', [number('x-maxBytes')]);
    case 'enum': {
      const items = (schema['enum'] as readonly string[]).map(quoted);
      return { kind: 'call', name: 't.enum', args: [{ kind: 'list', items }] };
    }
    case 'list': {
      const counts = bounds(number('maxItems'), number('minItems'), 0).map((count) => word(`${count}`));
      return { kind: 'call', name: 't.list', args: [schemaExpression(schema['items']), ...counts] };
    }
    case 'optional': {
      const [inner] = schema['oneOf'] as readonly Json[];
      return { kind: 'call', name: 't.optional', args: [schemaExpression(inner)] };
    }
    case 'struct':
      return { kind: 'call', name: 't.struct', args: [fieldsExpression(schema)] };
    default:
      return word(`t.${String(schema['x-vostro'])}`);
  }
}

function fieldsExpression(schema: SchemaJson): Expression {
  const properties = schema['properties'] as SchemaJson;
  const names = schema['x-order'] as readonly string[];
  return {
    kind: 'object',
    members: names.map((name) => ({ name, value: schemaExpression(properties[name]) })),
  };
}

function call(name: string, args: readonly number[]): Expression {
  return { kind: 'call', name: `t.${name}`, args: args.map((arg) => word(`${arg}`)) };
}

/** The least is left out where it is what the schema value takes by itself. */
function bounds(max: number, min: number, usual: number): readonly number[] {
  return min === usual ? [max] : [max, min];
}
