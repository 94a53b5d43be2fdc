import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FUEL, HOST_LIMITS } from '../../../contracts/runtime/fuelSchedule.js';
import { MAX_RECEIPT_CONTENT_BYTES } from '../../../contracts/runtime/transactionRun.js';
import { LIMITS } from '../../../primitives/limits.js';

function protocol(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return readFileSync(join(folder, 'docs/PROTOCOL.md'), 'utf8');
}

/** The rows of the first table under a heading, numbers without their commas. */
function table(heading: string): readonly (readonly [string, number])[] {
  const [, after = ''] = protocol().split(`\n### ${heading}\n`);
  const [section = ''] = after.split('\n### ');
  const rows = [...section.matchAll(/^\| ([^|]+) \| ([\d,]+) \|$/gm)];
  return rows.map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);
}

describe('the protocol document', () => {
  it('gives the price of every operation as it is charged', () => {
    expect(Object.fromEntries(table('Fuel'))).to.deep.equal(FUEL);
  });

  it('gives the bounds of the host as they are checked', () => {
    const { keyBytes, valueBytes, eventBytes, rangeEntries, scopeBytes, day, openAttempts } = HOST_LIMITS;
    expect(eventBytes).to.equal(valueBytes);
    const expected = [
      keyBytes,
      valueBytes,
      rangeEntries,
      LIMITS.eventsPerTransaction,
      MAX_RECEIPT_CONTENT_BYTES,
      scopeBytes,
      LIMITS.businessReferenceBytes,
      day,
      openAttempts,
    ];
    expect(LIMITS.outcomesPerTransaction).to.equal(LIMITS.eventsPerTransaction);
    expect(table('Running a transaction').map(([, limit]) => limit)).to.deep.equal(expected);
  });
});
