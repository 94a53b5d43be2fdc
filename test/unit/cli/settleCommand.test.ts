import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { publishedCases } from '../../support/gridlock.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';
import { runVostro, runVostroJson } from './fakeHost.js';

describe('vostro settle simulate', () => {
  let directory: string;
  const write = async (content: unknown): Promise<string> => {
    const path = join(directory, 'case.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const simulate = async (content: unknown, ...argv: readonly string[]) =>
    runVostroJson(['settle', 'simulate', '--file', await write(content), ...argv]);
  const ring = {
    balances: { A: '50', B: '100', C: '20' },
    queue: [
      { id: 'T1', from: 'A', to: 'B', amount: '100' },
      { id: 'T2', from: 'B', to: 'C', amount: '130' },
      { id: 'T3', from: 'C', to: 'A', amount: '50' },
    ],
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-settle-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('settles a ring, and gives ids, closing balances, value, reasons and receipt to programs', async () => {
    const { exitCode, envelope } = await simulate(ring);
    expect(exitCode).to.equal(0);
    expect(envelope.data).to.deep.include({
      settled: ['T1', 'T2', 'T3'],
      queued: [],
      closing: { A: '0', B: '70', C: '100' },
      value: '280',
      reasons: {},
    });
    const { receipt } = envelope.data as { receipt: object };
    expect(receipt).to.deep.include({ stages: 'all', outcome: 'settled', isBest: true });
    expect(receipt).to.have.property('net').which.deep.equals({ A: '-50', B: '-30', C: '80' });
    expect(receipt)
      .to.have.property('inputHash')
      .which.matches(/^0x[0-9a-f]{64}$/);
  });

  it('gives with --fifo exactly what is known of each published case, and without it no less', async () => {
    for (const { id, balances, queue, fifo } of publishedCases()) {
      const { settled, closing, value } = (await simulate({ balances, queue }, '--fifo')).envelope.data as typeof fifo;
      expect({ settled, closing, value }, id).to.deep.equal(fifo);
      const staged = (await simulate({ balances, queue })).envelope.data as typeof fifo;
      expect(BigInt(staged.value) >= BigInt(fifo.value), id).to.equal(true);
    }
  });

  it('says of every payment that stays why, in words and by code', async () => {
    const content = {
      balances: { A: '5', B: '0' },
      queue: [
        { id: 'T1', from: 'A', to: 'B', amount: '9', priority: 'urgent' },
        { id: 'T2', from: 'B', to: 'A', amount: '3', held: true },
        { id: 'T3', from: 'A', to: 'B', amount: '1' },
      ],
    };
    const { reasons } = (await simulate(content, '--fifo')).envelope.data as { reasons: object };
    expect(reasons).to.deep.equal({
      T1: { code: 'NOT_FUNDED', needed: '9', available: '5', incoming: '0' },
      T2: { code: 'HELD' },
      T3: { code: 'BEHIND', payment: 'T1' },
    });
    const { stdout } = await runVostro(['settle', 'simulate', '--fifo', '--file', await write(content)]);
    expect(stdout).to.match(/T1 +A +B +9 +urgent +queued: needs 9, available 5, waiting to come in 0\n/);
    expect(stdout).to.match(/T3 +A +B +1 +normal +queued: behind T1\n/);
  });

  it('keeps within the steps that are given, and refuses fewer than stage one takes', async () => {
    const used = (await simulate(ring, '--steps', '60')).envelope.data as { receipt: { steps: number } };
    expect(used.receipt.steps).to.be.at.most(60);
    const refused = await simulate(ring, '--steps', '5');
    expect([refused.exitCode, refused.envelope.errors[0]?.code]).to.deep.equal([2, 'USAGE_INVALID']);
  });

  it('refuses every other file with code 2, and names the place, what was expected and what was found', async () => {
    const payment = ring.queue[0];
    const withPayment = (change: object) => ({ ...ring, queue: [{ ...payment, ...change }] });
    const faults: readonly (readonly [unknown, string])[] = [
      ['{', 'the file'],
      [[], 'the file'],
      [{ ...ring, ballances: {} }, 'the file'],
      [{ queue: [] }, 'the file'],
      [{ ...ring, balances: [] }, 'balances'],
      [{ ...ring, balances: { ...ring.balances, C: 20 } }, 'balances.C'],
      [{ ...ring, balances: { ...ring.balances, C: '-20' } }, 'balances.C'],
      [{ ...ring, balances: { ...ring.balances, '': '1' } }, 'balances'],
      [{ ...ring, queue: {} }, 'queue'],
      [{ ...ring, queue: ['T1'] }, 'queue[0]'],
      [{ ...ring, queue: [payment, payment] }, 'queue[1].id'],
      [{ ...ring, queue: new Array(50_001).fill(0) }, 'queue'],
      [withPayment({ id: 7 }), 'queue[0].id'],
      [withPayment({ amount: 100 }), 'queue[0].amount'],
      [withPayment({ amount: '1.5' }), 'queue[0].amount'],
      [withPayment({ amount: '0' }), 'queue[0].amount'],
      [withPayment({ amount: '9'.repeat(39) }), 'queue[0].amount'],
      [withPayment({ from: 'X' }), 'queue[0].from'],
      [withPayment({ to: 'X' }), 'queue[0].to'],
      [withPayment({ to: 'A' }), 'queue[0]'],
      [withPayment({ amount: undefined }), 'queue[0]'],
      [withPayment({ priority: 'high' }), 'queue[0].priority'],
      [withPayment({ held: 'yes' }), 'queue[0].held'],
      [withPayment({ note: 'x' }), 'queue[0]'],
      [{ ...ring, limits: [{ from: 'A', to: 'B' }] }, 'limits[0]'],
      [{ ...ring, limits: [{ from: 'A', to: 'X', amount: '1' }] }, 'limits[0].to'],
      [{ ...ring, limits: [{ from: 'A', to: 'B', amount: '-1' }] }, 'limits[0].amount'],
    ];
    for (const [content, place] of faults) {
      const { exitCode, envelope } = await simulate(content);
      const [error] = envelope.errors;
      expect([exitCode, error?.code, error?.details['path']], error?.message).to.deep.equal([
        2,
        'FILE_MALFORMED',
        place,
      ]);
      expect(error?.details.expected, place).to.be.a('string').and.not.equal('');
      expect(error?.details.actual, place).to.be.a('string').and.not.equal('');
    }
    const none = await runVostroJson(['settle', 'simulate', '--file', join(directory, 'none.json')]);
    expect([none.exitCode, none.envelope.errors[0]?.code]).to.deep.equal([2, 'FILE_UNREADABLE']);
    expect((await runVostroJson(['settle', 'simulate'])).envelope.errors[0]?.code).to.equal('USAGE_INVALID');
  });

  it('prints what docs/settlement/gridlock.md shows, letter for letter', async () => {
    const page = await readFile(join(repositoryRoot(), 'docs', 'settlement', 'gridlock.md'), 'utf8');
    const examples = [...page.matchAll(/```json\n([\s\S]*?)```\n\n```console\n\$ vostro (.*)\n([\s\S]*?)```/g)];
    expect(examples).to.have.length(2);
    for (const [, content = '', command = '', shown] of examples) {
      const path = await write(content);
      const argv = command.split(' ').map((word) => (word.endsWith('.json') ? path : word));
      const { stdout, stderr, exitCode } = await runVostro(argv);
      expect([exitCode, stderr, stdout]).to.deep.equal([0, '', shown]);
    }
  });
});
