import { expect } from 'chai';
import { createNativeBackend } from '../../../node/signatures/nativeBackend.js';
import { SignaturePool } from '../../../node/signatures/signaturePool.js';
import type { SignatureCheck } from '../../../node/signatures/types.js';
import { isCodedError } from '../../../primitives/errors.js';

const native = createNativeBackend();
const privateKey = new Uint8Array(32).fill(9);
const publicKey = native.publicKey(privateKey);
const FAULTY_WORKER = new URL('./faultyWorker.js', import.meta.url);

function check(n: number, valid = true): SignatureCheck {
  const digest = new Uint8Array(32).fill(n & 0xff);
  digest[0] = n >> 8;
  const signature = native.sign(digest, privateKey);
  if (!valid) signature[40] = (signature[40] ?? 0) ^ 1;
  return { publicKey, digest, signature };
}

/** A check that makes the faulty worker die, or answer nonsense. */
function poison(kind: 'throw' | 'exit' | 'short'): SignatureCheck {
  return {
    publicKey: new Uint8Array(33).fill({ throw: 0xf1, exit: 0xf2, short: 0xf3 }[kind]),
    digest: new Uint8Array(32),
    signature: new Uint8Array(64),
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'no error';
}

describe('the pool of signature workers', () => {
  let pool: SignaturePool;
  afterEach(() => pool.stop());

  it('answers each check at its place, over many jobs and requests at once', async () => {
    pool = new SignaturePool({ workers: 2 });
    const sizes = [1, 63, 64, 65, 200, 2];
    const answers = await Promise.all(
      sizes.map((size) => pool.verifyMany(Array.from({ length: size }, (_, i) => check(i, i % 3 !== 1)))),
    );
    for (const [i, size] of sizes.entries()) {
      expect(answers[i]).to.deep.equal(Array.from({ length: size }, (_, n) => n % 3 !== 1));
    }
    expect(pool.stats()).to.deep.equal({ queuedChecks: 0, runningJobs: 0, workerDeaths: 0, refusedChecks: 0 });
  });

  it('makes a few checks inline where nothing waits or runs, at most eight in a turn, and asks a thread for the rest', async () => {
    let inline = 0;
    const counting = {
      ...native,
      verify: (...parts: Parameters<typeof native.verify>) => {
        inline++;
        return native.verify(...parts);
      },
    };
    pool = new SignaturePool({ inlineBackend: counting });
    const few = [check(1), check(2, false), { ...check(3), digest: new Uint8Array(31) }];
    expect(await pool.verifyMany(few)).to.deep.equal([true, false, false]);
    expect(inline, 'those whose parts have their lengths').to.equal(2);
    await new Promise((resolve) => setImmediate(resolve));
    inline = 0;
    const four = [1, 2, 3, 4].map((n) => check(n));
    const requests = [1, 2, 3].map(() => pool.verifyMany(four));
    expect([inline, pool.stats().queuedChecks]).to.deep.equal([8, 4]);
    const behind = pool.verifyMany([check(1)], 'urgent');
    expect(pool.stats().queuedChecks, 'what comes behind others waits with them').to.equal(5);
    expect((await Promise.all([...requests, behind])).flat().every(Boolean)).to.equal(true);
    inline = 0;
    await pool.verifyMany([...four, check(5)]);
    expect(inline, 'more than four').to.equal(0);
  });

  it('lets what comes while a worker has little to do wait for its answers, in one job', async () => {
    pool = new SignaturePool();
    const first = pool.verifyMany([check(1)]);
    await Promise.resolve();
    const later = [1, 2, 3].map((n) => pool.verifyMany([check(n)]));
    await Promise.resolve();
    expect(pool.stats()).to.include({ runningJobs: 1, queuedChecks: 3 });
    const many = pool.verifyMany(Array.from({ length: 64 }, (_, i) => check(i)));
    await Promise.resolve();
    expect(pool.stats(), 'but not many').to.include({ runningJobs: 2, queuedChecks: 0 });
    await Promise.all([first, many, ...later]);
  });

  it('lets few that come after a small job gather for a moment, unless they are many or one is urgent', async () => {
    pool = new SignaturePool({ gatherMs: 60_000 });
    await pool.verifyMany([check(1)]);
    const few = pool.verifyMany([check(2)]);
    await Promise.resolve();
    expect(pool.stats()).to.include({ runningJobs: 0, queuedChecks: 1 });
    const urgent = pool.verifyMany([check(3)], 'urgent');
    await Promise.resolve();
    expect(pool.stats(), 'an urgent one takes them along').to.include({ runningJobs: 1, queuedChecks: 0 });
    await Promise.all([few, urgent]);
    const later = pool.verifyMany([check(4)]);
    const many = pool.verifyMany(Array.from({ length: 63 }, (_, i) => check(i)));
    await Promise.resolve();
    expect(pool.stats(), 'and so many do not wait').to.include({ runningJobs: 1, queuedChecks: 0 });
    expect((await Promise.all([later, many])).flat().every(Boolean)).to.equal(true);
  });

  it('checks what has gathered once the moment is over', async () => {
    pool = new SignaturePool({ gatherMs: 1 });
    for (let n = 0; n < 20; n++) expect(await pool.verifyMany([check(n, n % 3 !== 0)])).to.deep.equal([n % 3 !== 0]);
  });

  it('says false to parts of a wrong length, among others', async () => {
    pool = new SignaturePool();
    const { digest, signature } = check(1);
    const odd = { publicKey, digest, signature: signature.subarray(1) };
    expect(await pool.verifyMany([odd, check(1), { ...odd, digest: new Uint8Array(31) }])).to.deep.equal([
      false,
      true,
      false,
    ]);
    expect(await pool.verifyMany([odd])).to.deep.equal([false]);
    expect(await pool.verifyMany([])).to.deep.equal([]);
  });

  it('refuses what exceeds its queue, whole, and answers the rest', async () => {
    pool = new SignaturePool({ maxQueuedChecks: 10 });
    const checks = Array.from({ length: 6 }, (_, i) => check(i));
    const first = pool.verifyMany(checks);
    expect(await codeOf(pool.verifyMany(checks))).to.equal('VERIFIER_OVERLOADED');
    expect(await first).to.deep.equal(checks.map(() => true));
    expect(pool.stats().refusedChecks).to.equal(6);
    expect(await pool.verifyMany(checks)).to.deep.equal(checks.map(() => true));
  });

  it('keeps room for urgent checks when the queue of the others is full, and takes them first', async () => {
    pool = new SignaturePool({ maxQueuedChecks: 1_000, jobChecks: 8 });
    const order: string[] = [];
    const flood = Array.from({ length: 1_000 }, (_, i) => check(i));
    const normal = pool.verifyMany(flood).then(() => order.push('normal'));
    const urgent = pool.verifyMany([check(1), check(2, false)], 'urgent').then((answers) => {
      order.push('urgent');
      expect(answers).to.deep.equal([true, false]);
    });
    await Promise.all([normal, urgent]);
    expect(order).to.deep.equal(['urgent', 'normal']);
  });

  for (const kind of ['throw', 'exit', 'short'] as const) {
    it(`gives an error, never an answer, to the checks of a worker that dies (${kind}), and starts another`, async () => {
      const deaths: boolean[] = [];
      pool = new SignaturePool({ workerUrl: FAULTY_WORKER, onWorkerDeath: (_, final) => deaths.push(final) });
      expect(await codeOf(pool.verifyMany([check(1), poison(kind)]))).to.equal('VERIFIER_FAILED');
      expect(await pool.verifyMany([check(1), check(2, false)])).to.deep.equal([true, false]);
      expect(deaths).to.deep.equal([false]);
    });
  }

  it('gives up after too many deaths in a row, and says so to everybody', async () => {
    const deaths: boolean[] = [];
    pool = new SignaturePool({
      workerUrl: FAULTY_WORKER,
      maxWorkerDeaths: 2,
      onWorkerDeath: (_, final) => deaths.push(final),
    });
    for (let i = 0; i < 2; i++) {
      expect(await codeOf(pool.verifyMany([poison('exit')]))).to.equal('VERIFIER_FAILED');
    }
    expect(await codeOf(pool.verifyMany([check(1)]))).to.equal('VERIFIER_FAILED');
    expect(deaths).to.deep.equal([false, true]);
  });

  it('gives up when its module does not load', async () => {
    pool = new SignaturePool({ workerUrl: new URL('./noSuchWorker.js', import.meta.url) });
    expect(await codeOf(pool.verifyMany([check(1)]))).to.equal('VERIFIER_FAILED');
  });

  it('rejects what waits and runs when it is stopped, and takes nothing more', async () => {
    pool = new SignaturePool({ jobChecks: 4 });
    const waiting = codeOf(pool.verifyMany(Array.from({ length: 500 }, (_, i) => check(i))));
    await pool.stop();
    await pool.stop();
    expect(await waiting).to.equal('VERIFIER_STOPPED');
    expect(await codeOf(pool.verifyMany([check(1)]))).to.equal('VERIFIER_STOPPED');
    expect(pool.stats().queuedChecks).to.equal(0);
  });
});
