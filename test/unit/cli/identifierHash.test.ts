import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { identifierHash, normalised } from '../../../cli/screening/identifierHash.js';
import { runVostro, runVostroJson } from './fakeHost.js';

const KEY = 'a key that the banks share outside the ledger';

describe('the hash of an identifier', () => {
  it('is HMAC-SHA-256 of the domain and the identifier as all banks write it', () => {
    const expected = createHmac('sha256', KEY).update('vostro-screening-v1\0DE89370400440532013000').digest('hex');
    for (const text of ['DE89 3704 0044 0532 0130 00', 'de89-3704-0044-0532-0130-00', ' DE89370400440532013000 ']) {
      expect(identifierHash(text, KEY)).to.equal(`0x${expected}`);
    }
    expect(identifierHash('DE89370400440532013000', `${KEY}!`)).not.to.equal(`0x${expected}`);
    expect(normalised('ﬁrma Müller & Co.')).to.equal('FIRMAMÜLLER&CO');
  });

  it('is made offline by the command line, with a key that is long enough', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-screening-'));
    try {
      const path = join(directory, 'banks.key');
      const hash = (...more: readonly string[]) => ['screening', 'hash', 'DE89 3704 0044 0532 0130 00', ...more];
      await writeFile(path, `${KEY}\n`);
      const { stdout } = await runVostro(hash('--screening-key', path));
      expect(stdout.trim()).to.equal(identifierHash('DE89370400440532013000', KEY));
      await writeFile(path, 'short\n');
      const refusal = await runVostroJson(hash('--screening-key', path));
      expect(refusal.envelope.errors[0]?.code).to.equal('FILE_MALFORMED');
      expect((await runVostroJson(hash())).envelope.errors[0]?.code).to.equal('USAGE_INVALID');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
