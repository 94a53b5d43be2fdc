import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { measurePostgres } from '../../../bench/peer/postgres.js';

const INSTALLED = '/usr/lib/postgresql';

function isInstalled(): boolean {
  return (
    existsSync(INSTALLED) && readdirSync(INSTALLED).some((name) => existsSync(join(INSTALLED, name, 'bin/pgbench')))
  );
}

describe('the peer PostgreSQL', function () {
  this.timeout(120_000);

  before(function () {
    if (isInstalled()) return;
    process.stderr.write(`    PostgreSQL is not installed below ${INSTALLED}: apt-get install postgresql\n`);
    this.skip();
  });

  it('settles single payments and batches on a primary and its synchronous standby, and conserves money on both', async () => {
    const args = ['--seconds', '3', '--accounts', '1000', '--clients', '4', '--batch-size', '100', '--json'];
    const { windows } = JSON.parse(await measurePostgres(args, () => undefined));
    expect(windows).to.have.length(2);
    for (const { mode, mix, paymentsPerSecond, latency } of windows) {
      expect(paymentsPerSecond, `${mode} ${mix}`).to.be.greaterThan(0);
      expect(latency.p99Ms).to.be.at.least(latency.p50Ms);
    }
  });
});
