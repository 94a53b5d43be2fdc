import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HealthJson } from '../../../api/health.js';
import { diagnose, formatConsultation, type NodeAnswer } from '../../../cli/doctor/consultation.js';
import type { Finding } from '../../../cli/doctor/finding.js';
import { FakeChain } from '../../support/fakeChain.js';
import { type FakeNode, startFakeNode } from '../../support/fakeNode.js';
import { testValidators } from '../../support/finalityFixture.js';
import { healthOfFour, NOW_MS, peerOf, validatorOf } from '../../support/health.js';
import { runVostro, runVostroJson } from './fakeHost.js';

const SILENT = { heard: false, silent: true, connected: false } as const;
const STALLED = { timestamp: NOW_MS - 14_000 } as const;

const answer = (changes: Partial<HealthJson> = {}, url = 'http://alpha'): NodeAnswer => ({
  url,
  health: healthOfFour(changes),
  pauses: [],
});
const findings = (changes: Partial<HealthJson> = {}): readonly Finding[] => diagnose([answer(changes)], undefined);
const codes = (found: readonly Finding[]): string[] => found.map(({ code, severity }) => `${severity} ${code}`);
const summaryOf = (found: readonly Finding[], code: string): string =>
  found.find((finding) => finding.code === code)?.summary ?? 'not found';
const withValidators = (...changes: readonly Parameters<typeof validatorOf>[1][]) => ({
  validators: [0, 1, 2, 3].map((index) => validatorOf(index, changes[index] ?? {})),
});

describe('the doctor', () => {
  it('says that all is well, and that an idle network makes empty blocks', () => {
    expect(codes(findings())).to.deep.equal(['info BLOCKS_COME']);
    expect(summaryOf(findings(), 'BLOCKS_COME')).to.equal(
      'block 120 is 1.0 s old; nothing waits: empty blocks come every 5.0 s',
    );
    expect(summaryOf(findings({ waitingTransactions: 12 }), 'BLOCKS_COME')).to.equal(
      'block 120 is 1.0 s old; 12 transactions wait',
    );
  });

  it('does not call a block late while one silent leader may still cost its round', () => {
    expect(codes(findings({ timestamp: NOW_MS - 10_000 }))).to.deep.equal(['info BLOCKS_COME']);
    expect(codes(findings({ timestamp: NOW_MS - 11_000 }))).to.deep.equal(['critical NO_BLOCK']);
    // With work waiting nobody waits for a heartbeat.
    expect(codes(findings({ timestamp: NOW_MS - 7_000, waitingTransactions: 1 }))).to.deep.equal(['critical NO_BLOCK']);
  });

  it('names who is missing from a quorum, when each was heard last, and where the round stands', () => {
    const found = findings({
      ...STALLED,
      waitingTransactions: 3,
      ...withValidators({}, {}, { ...SILENT, heardAgoMs: 14_000 }, { ...SILENT, heardAgoMs: null, connected: true }),
      consensus: { height: 121, round: 1, leader: 2, self: 0, signing: true, decided: false, syncing: false },
    });
    expect(summaryOf(found, 'NO_BLOCK')).to.equal(
      'no block for 14 s: 2 of 4 validators are heard, 3 are needed; ' +
        'CYGNNLNA (last heard 14:03:11 UTC, not connected) and ' +
        'DORAESMM (not heard since this node started, connected) are silent; ' +
        'height 121 is in round 1, which CYGNNLNA leads; 3 transactions wait',
    );
    expect(found[0]?.action).to.contain('bring back 1 validator: CYGNNLNA and DORAESMM');
    expect(codes(found)).to.deep.equal(['critical NO_BLOCK', 'warning VALIDATOR_SILENT', 'warning VALIDATOR_SILENT']);
  });

  it('sends a node that hears nobody to its own network', () => {
    const alone = { ...SILENT, heardAgoMs: 20_000 };
    const found = findings({ ...STALLED, ...withValidators({}, alone, alone, alone) });
    expect(summaryOf(found, 'NO_BLOCK')).to.match(/^no block for 14 s: this node hears none of the other 3 validators/);
  });

  it('tells validators that are heard but work at a lower height from those that vote', () => {
    const found = findings({
      ...STALLED,
      ...withValidators({}, {}, { height: 12 }, { ...SILENT, heardAgoMs: 90_000 }),
    });
    expect(summaryOf(found, 'NO_BLOCK')).to.contain(
      '3 of 4 validators are heard, 3 are needed, but CYGNNLNA at 12 still works at a lower height than 121',
    );
  });

  it('names those who fell quiet before a node that only follows calls them silent', () => {
    const quiet = { heardAgoMs: 14_000 };
    const found = findings({ ...STALLED, ...withValidators({}, {}, quiet, quiet) });
    expect(summaryOf(found, 'NO_BLOCK')).to.match(
      /4 of 4 validators are heard, 3 are needed, but nothing came lately from CYGNNLNA \(last heard .*\) and DORAESMM/,
    );
  });

  it('does not guess when all are heard and yet no block comes', () => {
    const found = findings(STALLED);
    expect(summaryOf(found, 'NO_BLOCK')).to.contain('4 of 4 validators are heard, 3 are needed, and yet');
    expect(found[0]?.action).to.contain('engine.block_refused');
  });

  it('speaks of the node’s own lag before it blames others', () => {
    const catchUp = { targetHeight: 4_511, blocksPerSecond: 950, secondsLeft: 5, sources: [] };
    const found = findings({ ...STALLED, syncing: true, catchUp });
    expect(codes(found)).to.deep.equal(['warning NODE_BEHIND']);
    expect(found[0]?.summary).to.contain('catches up: height 120 of 4,511, 950 blocks/s, about 5 s left');
    expect(codes(findings({ syncing: true, catchUp: { ...catchUp, targetHeight: 121 } }))).to.deep.equal([
      'info BLOCKS_COME',
    ]);
  });

  it('warns of a silent validator while blocks still come, and that no other may fail', () => {
    const found = findings(withValidators({}, {}, {}, { ...SILENT, heardAgoMs: 65_000, missedTurns: 3 }));
    expect(codes(found)).to.deep.equal(['warning VALIDATOR_SILENT', 'warning NO_SPARE', 'info BLOCKS_COME']);
    expect(found[0]?.summary).to.equal(
      'DORAESMM is silent: last heard 14:02:20 UTC, 65 s ago, not connected; ' +
        '3 turns to propose went by, each for a round timeout of 1.5 s',
    );
  });

  it('tells a validator that misses its turns from one that is not heard', () => {
    const found = findings(withValidators({}, {}, {}, { silent: true, missedTurns: 4 }));
    expect(codes(found)).to.deep.equal(['warning TURNS_MISSED', 'info BLOCKS_COME']);
  });

  const states: readonly (readonly [string, Partial<HealthJson>, string])[] = [
    ['a journal that is being recovered', { mode: 'recovering', recovery: { answered: 1, needed: 3 } }, '1 of 3 other'],
    ['signing that is paused for want of disk', { mode: 'paused' }, 'signs nothing because free disk space'],
    ['an engine that has stopped', { mode: 'stopped' }, 'the engine has stopped'],
    [
      'a key that is not in the list',
      { consensus: { height: 121, round: 0, leader: 1, self: null, signing: false, decided: false, syncing: false } },
      'not in the list of 4 validators',
    ],
    [
      'a journal ahead of the chain',
      { consensus: { height: 121, round: 0, leader: 1, self: 0, signing: false, decided: false, syncing: false } },
      'until its chain reaches the height',
    ],
    [
      'a disk that fills up',
      { disk: { level: 'low', freeBytes: 200_000_000, watermarkBytes: 268_435_456 } },
      '0.2 GiB of disk are free',
    ],
    ['kept evidence', { evidence: 1 }, '1 proof that a validator signed two things'],
  ];
  for (const [name, changes, sentence] of states) {
    it(`tells of ${name}`, () => {
      const [worst] = findings(changes);
      expect(worst?.severity).to.be.oneOf(['critical', 'warning']);
      expect(worst?.summary).to.contain(sentence);
      expect(worst?.action).not.to.equal('');
    });
  }

  it('keeps evidence in mind, and calls it critical for a week after the newest of it', () => {
    const daysAgo = (days: number) => ({ evidence: 2, evidenceSeenMs: NOW_MS - days * 86_400_000 });
    expect(codes(findings(daysAgo(6)))).to.deep.equal(['critical EVIDENCE', 'info BLOCKS_COME']);
    expect(codes(findings(daysAgo(8)))).to.have.members(['info EVIDENCE', 'info BLOCKS_COME']);
    expect(summaryOf(findings(daysAgo(8)), 'EVIDENCE')).to.match(
      /2 proofs .*, the newest from 2025-12-28 14:03:25 UTC$/,
    );
  });

  it('says why a peer is not connected, and takes one that is silent anyway for no news', () => {
    const refused = peerOf(1, { connected: false, endedWith: 'STREAM_FAILED' });
    const away = peerOf(2, { connected: false, dialFailure: 'Error: ECONNREFUSED' });
    const banned = peerOf(3, { connected: false, banned: true });
    const found = findings({ peers: [refused, away, banned, peerOf(4, { connected: false })] });
    expect(
      found.filter(({ code }) => code.startsWith('PEER_')).map(({ code, summary }) => `${code} ${summary}`),
    ).to.deep.equal([
      'PEER_NOT_CONNECTED BORLFRPP is not connected (0 of 3 are): its last connection ended with STREAM_FAILED',
      'PEER_NOT_CONNECTED CYGNNLNA is not connected (0 of 3 are): dialling it failed with Error: ECONNREFUSED',
      'PEER_BANNED DORAESMM is not connected (0 of 3 are): it is refused for a while because it broke the protocol',
    ]);
    expect(found.find(({ code }) => code === 'PEER_NOT_CONNECTED')?.action).to.contain(
      'compare versions with BORLFRPP',
    );
    const silent = findings({ ...withValidators({}, {}, { ...SILENT, heardAgoMs: 60_000 }), peers: [away] });
    expect(silent.find(({ code }) => code === 'PEER_NOT_CONNECTED')?.severity).to.equal('info');
  });

  it('tells whose clock is wrong: another’s where one differs, its own where all do', () => {
    const one = findings(withValidators({}, {}, { clockOffsetMs: 8_000 }, { clockOffsetMs: null }));
    expect(codes(one)).to.include('warning CLOCK_SKEW');
    expect(summaryOf(one, 'CLOCK_SKEW')).to.contain('CYGNNLNA by +8.0 s');
    const all = { clockOffsetMs: -9_000 };
    expect(codes(findings(withValidators({}, all, all, all)))).to.include('warning OWN_CLOCK');
    const small = { clockOffsetMs: -2_400 };
    expect(codes(findings(withValidators({}, small, small, small)))).to.deep.equal(['info BLOCKS_COME']);
  });

  it('compares nodes: networks, versions, and blocks of one height', () => {
    const compared = (changes: Partial<HealthJson>) =>
      codes(diagnose([answer(), answer({ node: 'beta', ...changes }, 'http://beta')], undefined)).filter(
        (code) => !code.endsWith('BLOCKS_COME'),
      );
    expect(compared({})).to.deep.equal([]);
    expect(compared({ version: '0.0.1' })).to.deep.equal(['warning VERSION_MISMATCH']);
    expect(compared({ genesisHash: `0x${'00'.repeat(32)}` })).to.deep.equal(['critical NETWORK_MISMATCH']);
    expect(compared({ blockHash: `0x${'cd'.repeat(32)}` })).to.deep.equal(['critical FORKED']);
    expect(compared({ blockHash: `0x${'cd'.repeat(32)}`, height: 121 })).to.deep.equal([]);
  });

  it('tells what the members have paused, while it lasts', () => {
    const pausedUntil = (untilMs: number, scope = 'payments') => [{ ...answer(), pauses: [{ scope, untilMs }] }];
    const found = diagnose(pausedUntil(NOW_MS + 60_000), undefined);
    expect(codes(found)).to.deep.equal(['warning CONTRACTS_PAUSED', 'info BLOCKS_COME']);
    expect(found[0]?.summary).to.contain('have paused the contract payments until 14:04:25 UTC at the latest');
    expect(diagnose(pausedUntil(NOW_MS + 1, 'all'), undefined)[0]?.summary).to.contain('have paused all contracts');
    expect(codes(diagnose(pausedUntil(NOW_MS - 1), undefined))).to.deep.equal(['info BLOCKS_COME']);
  });

  it('puts the worst first in what people read, with what to do', () => {
    const answers = [answer({ ...STALLED, evidence: 2 })];
    const text = formatConsultation(answers, diagnose(answers, undefined));
    expect(text.split('\n')[0]).to.contain('alpha: validator, validating');
    expect(text).to.match(/CRITICAL {2}EVIDENCE[\s\S]*→ [\s\S]*CRITICAL {2}NO_BLOCK/);
  });
});

describe('vostro doctor', () => {
  let node: FakeNode;
  let directory: string;
  const at = (...names: readonly string[]): string => join(directory, ...names);

  before(async () => {
    node = await startFakeNode(new FakeChain(testValidators('doctor', 4)));
  });

  beforeEach(async () => {
    node.health = healthOfFour();
    directory = await mkdtemp(join(tmpdir(), 'vostro-doctor-'));
  });

  afterEach(() => rm(directory, { recursive: true }));
  after(() => node.server.stop());

  interface Data {
    readonly findings: readonly Finding[];
  }
  const foundIn = (envelope: { readonly data: unknown }): readonly Finding[] => (envelope.data as Data).findings;

  it('ends with 0 when all is well, and with 5 when something is not', async () => {
    const well = await runVostroJson(['doctor', '--rpc', node.url]);
    expect(well.exitCode).to.equal(0);
    expect(codes(foundIn(well.envelope))).to.deep.equal(['info BLOCKS_COME']);
    node.health = healthOfFour(STALLED);
    const ill = await runVostroJson(['doctor', '--rpc', node.url]);
    expect(ill.exitCode).to.equal(5);
    expect(ill.envelope).to.deep.include({ schemaVersion: 1, success: false });
    expect(ill.envelope.errors[0]).to.deep.include({ code: 'NOT_WELL' });
    const people = await runVostro(['doctor', '--rpc', node.url]);
    expect(people.stdout).to.contain('CRITICAL  NO_BLOCK  alpha\n          no block for 14 s');
  });

  it('ends with 4 when no node answers', async () => {
    const { exitCode, envelope } = await runVostroJson(['doctor', '--rpc', 'http://127.0.0.1:1']);
    expect(exitCode).to.equal(4);
    expect(codes(foundIn(envelope))).to.deep.equal(['critical NODE_UNREACHABLE']);
  });

  it('finds in a home what is missing, open to others, or set wrongly', async () => {
    await writeFile(
      at('config.toml'),
      '[keys]\nvalidator = "validator.json"\nnetwork = "network.json"\n[rpc]\nhost = "0.0.0.0"\nport = 1\n',
    );
    await writeFile(at('network.json'), '{}');
    await chmod(at('network.json'), 0o644);
    const { envelope } = await runVostroJson(['doctor', '--home', directory, '--rpc', node.url]);
    expect(codes(foundIn(envelope))).to.have.members([
      'critical FILE_MISSING',
      'critical FILE_MISSING',
      'warning FILE_READABLE',
      'warning JOURNAL_MISSING',
      'warning RPC_EXPOSED',
      'info BLOCKS_COME',
    ]);
    await writeFile(at('config.toml'), 'colour = "blue"\n');
    const wrong = await runVostroJson(['doctor', '--home', directory, '--rpc', node.url]);
    expect(codes(foundIn(wrong.envelope))).to.include('critical CONFIG_INVALID');
  });

  it('finds the port of a node that does not run in the hands of somebody else', async () => {
    const stranger: Server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    try {
      const address = stranger.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      await writeFile(at('config.toml'), `[rpc]\nport = ${port}\n[network]\nlisten = []\n`);
      const { exitCode, envelope } = await runVostroJson(['doctor', '--home', directory]);
      expect(exitCode).to.equal(4);
      expect(codes(foundIn(envelope))).to.include('critical PORT_IN_USE');
    } finally {
      stranger.close();
    }
  });
});
