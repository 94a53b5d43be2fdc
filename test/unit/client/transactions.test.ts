import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { VostroClient } from '../../../client/index.js';
import { inRequests } from '../../../client/submitter.js';
import { localSigner } from '../../../client/transactions.js';
import { callOf } from '../../../contracts/api/method.js';
import { cash } from '../../../contracts/cash/cash.js';
import { toHex } from '../../../primitives/bytes.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import { CHAIN_ID, GENESIS_HASH, testKey, testValidators } from '../../support/finalityFixture.js';

const signers = [localSigner(testKey('x')), localSigner(testKey('y'))] as const;
const [maker, checker] = signers;
const trust = { chainId: CHAIN_ID, genesisHash: GENESIS_HASH, validators: testValidators('offline', 4) };
const client = new VostroClient(
  { urls: ['http://127.0.0.1:1'], trust, ttlMs: 1_000 },
  { now: () => 5_000, randomBytes: (length) => new Uint8Array(length).fill(7) },
);
const call = callOf(cash.methods.transfer, {
  currency: 'EUR',
  debtor: maker.address,
  creditor: checker.address,
  amount: 100n,
});

describe('building a transaction', () => {
  it('fills in chain, expiry and reference, and sorts the signers', () => {
    const body = client.buildTransaction({
      sender: maker.address,
      signers: [maker.address, checker.address, maker.address],
      calls: [call],
    });
    expect(body.chainId).to.equal(CHAIN_ID);
    expect(body.expiresAt).to.equal(6_000);
    expect(body.reference).to.deep.equal(new Uint8Array(16).fill(7));
    expect(body.signers).to.deep.equal([maker.address, checker.address].toSorted());
    expect(cash.methods.transfer.args.decode(call.args).amount).to.equal(100n);
  });

  it('keeps what the caller says', () => {
    const reference = Uint8Array.of(1);
    const request = { sender: maker.address, signers: [maker.address], calls: [call], reference };
    expect(client.buildTransaction({ ...request, expiresAt: 9 })).to.deep.include({ expiresAt: 9, reference });
    expect(client.buildTransaction({ ...request, ttlMs: 10 }).expiresAt).to.equal(5_010);
  });

  it('signs with every signer, wherever its key is', async () => {
    const body = client.buildTransaction({
      sender: maker.address,
      signers: [maker.address, checker.address],
      calls: [call],
    });
    const signed = await client.sign(body, [checker, maker]);
    expect(toHex(decodeTransaction(signed.bytes, GENESIS_HASH).id)).to.equal(signed.id);
    let refusal: unknown;
    await client.sign(body, [maker]).catch((error: unknown) => {
      refusal = error;
    });
    expect(refusal).to.have.property('code', 'SIGNATURE_MISSING');
  });

  it('splits many into requests that a node takes, by count and by bytes', () => {
    const of = (size: number) => ({ id: '0x' as const, bytes: new Uint8Array(size) });
    expect(inRequests([], 10)).to.deep.equal([]);
    expect(
      inRequests(
        Array.from({ length: 25 }, () => of(1)),
        10,
      ).map((request) => request.length),
    ).to.deep.equal([10, 10, 5]);
    const large = [of(1_048_576), of(1_048_576), of(1), of(1)];
    expect(inRequests(large, 10).map((request) => request.length)).to.deep.equal([2, 2]);
  });
});

describe('the client’s code', () => {
  it('runs in a browser: it reaches no module of Node.js, and of npm only what is pure', () => {
    let root = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(root, 'package.json'))) root = dirname(root);
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8');
      // A contract's own `ctx.require(condition, …)` loads nothing: what does names a module by a string.
      expect(text, file).to.not.match(/\bBuffer[.(]|\bprocess\.|\brequire\(['"`]/);
      for (const [, specifier] of text.matchAll(/^(?:import|export)[^;]*?from '([^']+)'/gm)) {
        const name = specifier as string;
        if (name.startsWith('.')) visit(join(dirname(file), name.replace(/\.js$/, '.ts')));
        else packages.add(name.split('/').slice(0, 2).join('/'));
      }
    };
    visit(join(root, 'client', 'index.ts'));
    expect([...packages].toSorted()).to.deep.equal(['@noble/hashes', '@noble/secp256k1']);
    expect(seen.size).to.be.above(20);
  });
});
