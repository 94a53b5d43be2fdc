import { expect } from 'chai';
import {
  AddressError,
  addressFromBytes,
  addressFromPublicKey,
  addressToBytes,
  isAddress,
  parseAddress,
  toChecksum,
} from '../../../primitives/address.js';
import { fromHex } from '../../../primitives/bytes.js';
import { decompressPublicKey, publicKeyOf } from '../../../primitives/signature.js';
import type { Address } from '../../../primitives/types.js';

/** The examples of EIP-55, and addresses of small private keys as every wallet shows them. */
const CHECKSUMMED = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x27b1fdb04752bbc536007a920d24acb045561c26',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];
const OF_PRIVATE_KEY: readonly (readonly [number, string])[] = [
  [1, '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf'],
  [2, '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF'],
  [3, '0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69'],
];

describe('addresses', () => {
  for (const text of CHECKSUMMED) {
    it(`shows and reads ${text} with its checksum`, () => {
      const address = text.toLowerCase() as Address;
      expect(toChecksum(address)).to.equal(text);
      expect(parseAddress(text)).to.equal(address);
      expect(parseAddress(address)).to.equal(address);
      expect(parseAddress(`0x${text.slice(2).toUpperCase()}`)).to.equal(address);
    });
  }

  for (const [key, text] of OF_PRIVATE_KEY) {
    it(`derives the address of private key ${key} as every wallet does, from both forms of its public key`, () => {
      const publicKey = publicKeyOf(fromHex(`0x${key.toString(16).padStart(64, '0')}`));
      expect(toChecksum(addressFromPublicKey(publicKey))).to.equal(text);
      expect(addressFromPublicKey(decompressPublicKey(publicKey))).to.equal(text.toLowerCase());
    });
  }

  it('refuses a mixed case that is no checksum, and says the right one', () => {
    const wrong = '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    expect(() => parseAddress(wrong))
      .to.throw(AddressError)
      .with.property('code', 'ADDRESS_CHECKSUM_MISMATCH');
  });

  for (const text of [
    '',
    '0x',
    '52908400098527886E0F7030069857D2E4169EE7',
    '0X52908400098527886E0F7030069857D2E4169EE7',
    '0x52908400098527886E0F7030069857D2E4169EE',
    '0x52908400098527886E0F7030069857D2E4169EE77',
    '0x52908400098527886E0F7030069857D2E4169EEg',
    ' 0x52908400098527886E0F7030069857D2E4169EE7',
    '0x52908400098527886E0F7030069857D2E4169EE7\n',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseAddress(text))
        .to.throw(AddressError)
        .with.property('code', 'ADDRESS_INVALID');
    });
  }

  it('turns into 20 bytes and back, and has one form in code', () => {
    const address = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
    expect(addressFromBytes(addressToBytes(address))).to.equal(address);
    expect(isAddress(address)).to.equal(true);
    expect(isAddress(toChecksum(address))).to.equal(false);
    expect(() => addressFromBytes(new Uint8Array(19))).to.throw('an address takes 20 bytes');
  });
});
