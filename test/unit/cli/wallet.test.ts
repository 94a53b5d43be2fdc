import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CliError } from '../../../cli/errors.js';
import { findWalletAccount, formatAddressBook, nameOfAccount, openWallet } from '../../../cli/wallet.js';

const A = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed';
const A_CHECKSUM = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const B = '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359';

describe('a wallet', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-wallet-'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const write = (text: string): Promise<void> => writeFile(join(directory, 'accounts.toml'), text);

  it('knows accounts by name, with who signs for them and where their password is', async () => {
    await write(
      `AAAADEFF = "${A_CHECKSUM}"\ntreasury = { account = "${B}", signers = ["maker", "checker"], password_file = "pw" }\n`,
    );
    const wallet = await openWallet(directory);
    expect(findWalletAccount(wallet, 'AAAADEFF')).to.deep.equal({
      name: 'AAAADEFF',
      account: A,
      signers: undefined,
      passwordFile: undefined,
    });
    expect(findWalletAccount(wallet, B)).to.deep.equal({
      name: 'treasury',
      account: B,
      signers: ['maker', 'checker'],
      passwordFile: join(directory, 'pw'),
    });
    expect(findWalletAccount(wallet, 'other')).to.equal(undefined);
    expect(nameOfAccount(wallet, A)).to.equal('AAAADEFF');
  });

  it('takes an address that it does not know as an account whose signers the network knows', async () => {
    const wallet = await openWallet(directory);
    expect(wallet.accounts).to.deep.equal([]);
    expect(findWalletAccount(wallet, A_CHECKSUM)).to.deep.equal({
      name: A,
      account: A,
      signers: undefined,
      passwordFile: undefined,
    });
    expect(() => findWalletAccount(wallet, A_CHECKSUM.replace('5aA', '5aa'))).to.throw('checksum');
  });

  it('reads back the address book that it writes', async () => {
    const accounts = [
      { name: 'AAAADEFF', account: A, signers: ['aaaa'], passwordFile: undefined },
      { name: 'a name with "quotes" and ünicode', account: B, signers: undefined, passwordFile: '/x y' },
    ] as const;
    await write(formatAddressBook(accounts));
    expect((await openWallet(directory)).accounts).to.deep.equal(accounts);
  });

  const malformed: readonly (readonly [string, string])[] = [
    ['A = 5', 'accounts.toml: A'],
    ['A = "0x12"', 'accounts.toml: A'],
    [`A = "${A_CHECKSUM.replace('5aA', '5aa')}"`, 'checksum'],
    [`A = { account = "${A}", signer = ["x"] }`, 'A.signer'],
    [`A = { account = "${A}", signers = [] }`, 'A.signers'],
    [`A = { account = "${A}", password_file = 5 }`, 'A.password_file'],
    ['A = { signers = ["x"] }', 'A.account'],
    [`"${A}" = "${A}"`, 'a name that is no address'],
    ['A = ', 'line 1'],
  ];
  for (const [text, place] of malformed) {
    it(`is refused with an address book that says ${text.slice(0, 40)}`, async () => {
      await write(text);
      let fault: unknown;
      try {
        await openWallet(directory);
      } catch (error) {
        fault = error;
      }
      expect(fault).to.be.instanceOf(CliError);
      expect((fault as CliError).code).to.equal('WALLET_INVALID');
      expect((fault as CliError).message).to.include(place);
    });
  }
});
