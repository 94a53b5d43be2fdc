import { expect } from 'chai';
import { ApiError, httpStatus, isTemporary, jsonRpcCode } from '../../../api/errors.js';
import { METHODS, parseParams, parseResult } from '../../../api/methods.js';
import { openApiDocument, pathParameters } from '../../../api/openapi.js';
import { s } from '../../../api/shape.js';

describe('the table of methods', () => {
  it('gives each method a path of its own, whose braces are parameters', () => {
    const routes = Object.values(METHODS).map(({ rest }) => `${rest.verb} ${rest.path.replace(/\{\w+\}/g, '{}')}`);
    expect(new Set(routes).size).to.equal(routes.length);
    for (const [name, { params, rest }] of Object.entries(METHODS)) {
      const fields = Object.keys(params.fields ?? {});
      expect(fields, name).to.include.members(pathParameters(rest.path));
      for (const [field, shape] of Object.entries(params.fields ?? {})) {
        const isText = rest.verb === 'GET' || pathParameters(rest.path).includes(field);
        if (isText) expect(shape.parseText, `${name}.${field} comes as text`).to.be.a('function');
      }
    }
  });

  it('stands in the OpenAPI document whole', () => {
    const { paths } = openApiDocument('1.2.3') as unknown as { paths: Record<string, Record<string, unknown>> };
    for (const [name, { rest }] of Object.entries(METHODS)) {
      const operation = paths[rest.path]?.[rest.verb.toLowerCase()] as { operationId: string; parameters: unknown[] };
      expect(operation.operationId).to.equal(name);
      expect(operation).to.have.nested.property('responses.200.content.application/json.schema');
    }
  });

  it('refuses unknown names in parameters, and passes over them in the result of a newer node', () => {
    expect(() => parseParams('status', { verbose: true })).to.throw(ApiError, 'found "verbose"');
    expect(parseResult('submit', { id: `0x${'00'.repeat(32)}`, status: 'known', more: 1 })).to.deep.equal({
      id: `0x${'00'.repeat(32)}`,
      status: 'known',
    });
    expect(() => parseResult('submit', { id: '0x', status: 'known' }))
      .to.throw(ApiError)
      .with.property('code', 'RESULT_INVALID');
  });
});

describe('errors at the door', () => {
  it('have the status that HTTP has for them', () => {
    const statuses = {
      PARAMS_INVALID: 400,
      TRANSACTION_NOT_FOUND: 404,
      REFERENCE_CONFLICT: 409,
      MEMPOOL_FULL: 429,
      MEMPOOL_BUSY: 429,
      EXECUTOR_NOT_RUNNING: 503,
      POLICY_NOT_MET: 422,
      INTERNAL: 500,
    };
    for (const [code, status] of Object.entries(statuses)) expect(httpStatus(code), code).to.equal(status);
    expect(isTemporary('MEMPOOL_FULL')).to.equal(true);
    expect(isTemporary('POLICY_NOT_MET')).to.equal(false);
    expect(jsonRpcCode('POLICY_NOT_MET')).to.equal(-32000);
  });
});

describe('a shape', () => {
  const shape = s.record({ name: s.text(3, 1), list: s.list(s.integer(1, 9), 2) }, { flag: s.boolean });

  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, '$: expected an object of name, list, flag, found nothing'],
    [[], '$: expected an object of name, list, flag, found a list of 0'],
    [{ name: 'long', list: [] }, '$.name: expected text of 1 to 3 characters, found "long"'],
    [{ name: 'a' }, '$.list: expected a list of 0 to 2, found nothing'],
    [{ name: 'a', list: [1, 10] }, '$.list[1]: expected an integer from 1 to 9, found 10'],
    [{ name: 'a', list: [1.5] }, '$.list[0]: expected an integer from 1 to 9, found 1.5'],
    [{ name: 'a', list: [1, 1, 1] }, '$.list: expected a list of 0 to 2, found a list of 3'],
    [{ name: 'a', list: [], flag: 'yes' }, '$.flag: expected true or false, found "yes"'],
    [{ name: 'a', list: [], other: 1 }, '$: expected no names but name, list, flag, found "other"'],
    [
      JSON.parse('{"name":"a","list":[],"__proto__":1}'),
      '$: expected no names but name, list, flag, found "__proto__"',
    ],
  ];
  for (const [value, message] of cases) {
    it(`says "${message}"`, () => {
      expect(() => shape.parse(value, '$', 'strict')).to.throw(ApiError, message);
    });
  }

  it('gives the value, optional parts only where they were given', () => {
    expect(shape.parse({ name: 'a', list: [1] }, '$', 'strict')).to.deep.equal({ name: 'a', list: [1] });
    expect(shape.parse({ name: 'a', list: [], flag: true }, '$', 'strict')).to.have.property('flag', true);
  });

  it('reads numbers of a query in their one form only', () => {
    const integer = s.integer(0, 100);
    expect(integer.parseText?.('7', 'q')).to.equal(7);
    for (const text of ['07', '+7', '7.0', '1e1', '', ' 7', '0x7', '101', '99999999999999999999']) {
      expect(() => integer.parseText?.(text, 'q'), text).to.throw(ApiError);
    }
  });
});
