import { expect } from 'chai';
import { KeyError } from '../../../node/keys/errors.js';
import { openKeystore, parseKeystore, sealKeystore } from '../../../node/keys/keystore.js';
import { fromHex, toHex } from '../../../primitives/bytes.js';
import { nobleBackend } from '../../../primitives/signature.js';

/** The two test vectors of the Web3 Secret Storage definition. */
const SPEC_SECRET = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const SPEC_PBKDF2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const SPEC_SCRYPT = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};

const PRIVATE_KEY = new Uint8Array(32).fill(0x11);
const CHEAP = { logN: 10 };

async function failure(run: () => unknown): Promise<KeyError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof KeyError) return error;
    throw error;
  }
  throw new KeyError('KEY_NOT_FOUND', 'no error was raised');
}

/** The value with what lies at a path replaced. */
function withField(value: object, path: readonly string[], replacement: unknown): object {
  const copy = structuredClone(value);
  let target = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) target = target[name] as Record<string, unknown>;
  target[path.at(-1) ?? ''] = replacement;
  return copy;
}

describe('a keystore of version 3', () => {
  for (const [name, vector] of Object.entries({ pbkdf2: SPEC_PBKDF2, scrypt: SPEC_SCRYPT })) {
    // Its scrypt has parameters that OpenSSL refuses: JavaScript takes seconds, more on a busy machine.
    it(`opens as the definition’s own ${name} vector`, async function () {
      this.timeout(60_000);
      const keystore = parseKeystore(JSON.stringify(vector), 'vector.json');
      expect(toHex(await openKeystore(keystore, 'testpassword', nobleBackend))).to.equal(SPEC_SECRET);
    });
  }

  it('holds the key, opens with its password alone, and tells address and public key without it', async () => {
    const json = await sealKeystore(PRIVATE_KEY, 'pässword', nobleBackend, { ...CHEAP, label: 'ALPHA' });
    const keystore = parseKeystore(JSON.stringify(json), 'a.json');
    expect(keystore.address).to.equal('0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a');
    expect(keystore.publicKey).to.equal(toHex(nobleBackend.publicKey(PRIVATE_KEY)));
    expect(keystore.label).to.equal('ALPHA');
    expect(await openKeystore(keystore, 'pässword', nobleBackend)).to.deep.equal(PRIVATE_KEY);
    const wrong = await failure(() => openKeystore(keystore, 'password', nobleBackend));
    expect(wrong.code).to.equal('PASSWORD_WRONG');
    expect(wrong.message).to.include('a.json');
    expect(JSON.stringify(json)).not.to.include('1111111111');
  });

  it('uses the standard’s scrypt cost unless told otherwise, and never the same salt or IV twice', async () => {
    const standard = await sealKeystore(PRIVATE_KEY, 'x', nobleBackend);
    expect(standard.crypto.kdfparams).to.include({ n: 2 ** 18, r: 8, p: 1, dklen: 32 });
    const [a, b] = [
      await sealKeystore(PRIVATE_KEY, 'x', nobleBackend, CHEAP),
      await sealKeystore(PRIVATE_KEY, 'x', nobleBackend, CHEAP),
    ];
    expect(a.crypto.kdfparams.salt).not.to.equal(b.crypto.kdfparams.salt);
    expect(a.crypto.cipherparams.iv).not.to.equal(b.crypto.cipherparams.iv);
    expect((await failure(() => sealKeystore(PRIVATE_KEY, 'x', nobleBackend, { logN: 3 }))).code).to.equal(
      'KEYSTORE_TOO_COSTLY',
    );
  });

  it('is refused when any one digit of ciphertext, MAC, salt, IV or address was changed', async () => {
    const json = await sealKeystore(PRIVATE_KEY, 'x', nobleBackend, CHEAP);
    const paths = [
      ['crypto', 'ciphertext'],
      ['crypto', 'mac'],
      ['crypto', 'kdfparams', 'salt'],
      ['crypto', 'cipherparams', 'iv'],
      ['address'],
      ['publicKey'],
    ];
    for (const path of paths) {
      const text = path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], json) as string;
      const last = text.endsWith('0') ? '1' : '0';
      const changed = withField(json, path, `${text.slice(0, -1)}${last}`);
      const error = await failure(async () =>
        openKeystore(parseKeystore(JSON.stringify(changed), 'a.json'), 'x', nobleBackend),
      );
      expect(error.code, path.join('.')).to.be.oneOf(['PASSWORD_WRONG', 'KEYSTORE_MALFORMED']);
    }
  });

  const malformed: readonly (readonly [string, readonly string[], unknown, string, string])[] = [
    ['another version', ['version'], 4, 'KEYSTORE_UNSUPPORTED', 'a.json: version'],
    ['another cipher', ['crypto', 'cipher'], 'aes-128-cbc', 'KEYSTORE_UNSUPPORTED', 'a.json: crypto.cipher'],
    ['another key derivation', ['crypto', 'kdf'], 'argon2id', 'KEYSTORE_UNSUPPORTED', 'a.json: crypto.kdf'],
    [
      'another derived length',
      ['crypto', 'kdfparams', 'dklen'],
      64,
      'KEYSTORE_UNSUPPORTED',
      'a.json: crypto.kdfparams.dklen',
    ],
    ['no crypto', ['crypto'], undefined, 'KEYSTORE_MALFORMED', 'a.json: crypto'],
    ['a list for crypto', ['crypto'], [], 'KEYSTORE_MALFORMED', 'a.json: crypto'],
    ['no MAC', ['crypto', 'mac'], undefined, 'KEYSTORE_MALFORMED', 'a.json: crypto.mac'],
    ['a short MAC', ['crypto', 'mac'], 'abcd', 'KEYSTORE_MALFORMED', 'a.json: crypto.mac'],
    ['a short IV', ['crypto', 'cipherparams', 'iv'], 'abcd', 'KEYSTORE_MALFORMED', 'a.json: crypto.cipherparams.iv'],
    ['a short ciphertext', ['crypto', 'ciphertext'], 'ab', 'KEYSTORE_MALFORMED', 'a.json: crypto.ciphertext'],
    [
      'a ciphertext that is no hexadecimal',
      ['crypto', 'ciphertext'],
      'zz'.repeat(32),
      'KEYSTORE_MALFORMED',
      'a.json: crypto.ciphertext',
    ],
    ['a fractional N', ['crypto', 'kdfparams', 'n'], 1024.5, 'KEYSTORE_MALFORMED', 'a.json: crypto.kdfparams.n'],
    ['an N as text', ['crypto', 'kdfparams', 'n'], '1024', 'KEYSTORE_MALFORMED', 'a.json: crypto.kdfparams.n'],
    ['an address of another length', ['address'], 'abcd', 'KEYSTORE_MALFORMED', 'a.json: address'],
    ['a label that is no text', ['label'], 7, 'KEYSTORE_MALFORMED', 'a.json: label'],
  ];
  for (const [name, path, value, code, place] of malformed) {
    it(`is refused with ${name}, and the message names the place`, async () => {
      const json = await sealKeystore(PRIVATE_KEY, 'x', nobleBackend, { ...CHEAP, label: 'a' });
      const error = await failure(() => parseKeystore(JSON.stringify(withField(json, path, value)), 'a.json'));
      expect(error.code).to.equal(code);
      expect(error.message).to.include(place);
    });
  }

  const costly: readonly (readonly [string, object, string])[] = [
    ['N of 2^30', { n: 2 ** 30 }, 'KEYSTORE_TOO_COSTLY'],
    ['N beyond 32 bits', { n: 2 ** 50 }, 'KEYSTORE_TOO_COSTLY'],
    ['r of a million', { r: 1_000_000 }, 'KEYSTORE_TOO_COSTLY'],
    ['p of a million', { p: 1_000_000 }, 'KEYSTORE_TOO_COSTLY'],
    ['N that is no power of two', { n: 1000 }, 'KEYSTORE_MALFORMED'],
    ['an empty salt', { salt: '' }, 'KEYSTORE_MALFORMED'],
    ['a salt of 4 KB', { salt: 'ab'.repeat(4096) }, 'KEYSTORE_MALFORMED'],
  ];
  for (const [name, parameters, code] of costly) {
    it(`is refused before any memory is taken when it asks for ${name}`, async () => {
      const json = await sealKeystore(PRIVATE_KEY, 'x', nobleBackend, CHEAP);
      const kdfparams = { ...json.crypto.kdfparams, ...parameters };
      const text = JSON.stringify({ ...json, crypto: { ...json.crypto, kdfparams } });
      const keystore = parseKeystore(text, 'a.json');
      expect((await failure(() => openKeystore(keystore, 'x', nobleBackend))).code).to.equal(code);
    });
  }

  it('is refused when its PBKDF2 would run for hours', async () => {
    const text = JSON.stringify(withField(SPEC_PBKDF2, ['crypto', 'kdfparams', 'c'], 2 ** 40));
    expect((await failure(() => openKeystore(parseKeystore(text, 'a.json'), 'x', nobleBackend))).code).to.equal(
      'KEYSTORE_TOO_COSTLY',
    );
  });

  it('never repeats its content in an error, JSON or not', async () => {
    const error = await failure(() => parseKeystore('{"privateKey": "deadbeef"', 'a.json'));
    expect(error.code).to.equal('KEYSTORE_MALFORMED');
    expect(error.message + JSON.stringify(error.details)).not.to.include('deadbeef');
  });

  it('cannot be made from what is no private key', async () => {
    for (const bytes of [new Uint8Array(32), new Uint8Array(31).fill(1), fromHex(`0x${'ff'.repeat(32)}`)]) {
      let code = '';
      try {
        await sealKeystore(bytes, 'x', nobleBackend, CHEAP);
      } catch (error) {
        code = (error as KeyError).code;
      }
      expect(code).to.equal('PRIVATE_KEY_INVALID');
    }
  });
});
