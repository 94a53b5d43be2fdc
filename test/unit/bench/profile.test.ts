import type { Profiler } from 'node:inspector';
import { expect } from 'chai';
import { BenchError } from '../../../bench/errors.js';
import { drawFlameGraph } from '../../../bench/profile/flameGraph.js';
import { sharesByKind } from '../../../bench/profile/perfRecord.js';
import { formatProfile, profileBars, reportProfile } from '../../../bench/profile/profileReport.js';
import { replaceMarked } from '../../../bench/profile/replaceMarked.js';
import { roomOf } from '../../../bench/profile/rooms.js';
import { readThreadProfile, timesByRoom } from '../../../bench/profile/threadProfile.js';

const frame = (functionName: string, url = '') => ({
  functionName,
  url,
  lineNumber: 4,
  columnNumber: 0,
  scriptId: '0',
});
const own = (path: string) => `file:///home/somebody/vostro/dist/${path}`;
const pack = (path: string) => `file:///home/somebody/vostro/node_modules/${path}`;

/** Root → run (execution) → hash and put; the loop idles; the instrument ends the profile. Deltas are microseconds. */
const PROFILE: Profiler.Profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5, 6] },
    { id: 2, callFrame: frame('run', own('node/execution/executeBlock.js')), children: [3, 4] },
    { id: 3, callFrame: frame('put', pack('classic-level/index.js')), children: [7] },
    { id: 4, callFrame: frame('oneShotDigest') },
    { id: 5, callFrame: frame('(idle)') },
    { id: 6, callFrame: frame('end', own('bench/profile/profileAgent.js')), children: [8] },
    { id: 7, callFrame: frame('batch_put') },
    { id: 8, callFrame: frame('dispatch') },
  ],
  startTime: 1_000,
  endTime: 2_000,
  samples: [2, 3, 4, 5, 7, 8],
  timeDeltas: [100, 100, 100, 500, 100, 100],
};

describe('a profile of a thread', () => {
  const { cpuUs, durationUs, root } = readThreadProfile('executor', PROFILE, 250);

  it('is scaled to the processor time that the system counted, for samples go on while a thread waits for a processor', () => {
    // Half of the 500 busy microseconds, less the instrument's fifth.
    expect(cpuUs).to.equal(200);
    expect(durationUs).to.equal(1_000);
  });

  it('tells where the processor was, and for which of our rooms', () => {
    const { self, charged } = timesByRoom({ thread: '', cpuUs, durationUs, root });
    expect([...self]).to.deep.equal([
      ['node/execution', 50],
      ['classic-level', 50],
      ['native: leveldb', 50],
      ['native: hashes', 50],
    ]);
    expect([...charged]).to.deep.equal([['node/execution', 200]]);
  });

  it('is shown in microseconds a payment, in tables and as bars that add up', () => {
    const threads = [readThreadProfile('executor', PROFILE, 250)];
    const input = { command: 'profile', payments: 10, blocks: 2, threads, otherCpuUs: 100 };
    const report = reportProfile(input);
    expect(report.totalUs).to.equal(30);
    expect(report.charged).to.deep.equal([{ name: 'node/execution', byThread: [20], sum: 20 }]);
    expect(formatProfile(report)).to.include('| native: leveldb | 5.00 | 5.00 | 16.7 % |');
    const bars = profileBars(input);
    expect(bars.us).to.equal(20);
    const svg = drawFlameGraph(bars, { title: 'a < b', unit: 'µs a payment' });
    expect(svg).to.equal(drawFlameGraph(profileBars(input), { title: 'a < b', unit: 'µs a payment' }));
    expect(svg).to.include('<title>batch_put · native: leveldb · 25.0 %, 5.00 µs a payment</title>');
    expect(svg).to.include('a &lt; b');
    expect(svg).not.to.include('dispatch');
  });
});

describe('the room of a frame', () => {
  it('is a folder of ours, a package, a part of Node.js, or a kind of native work by its caller', () => {
    const file = frame('write', 'node:internal/fs/promises');
    const socket = frame('writeGeneric', 'node:internal/stream_base_commons');
    const rooms = [
      roomOf(frame('a', own('node/mempool/mempool.js')), undefined),
      roomOf(frame('a', own('primitives/rlp.js')), undefined),
      roomOf(frame('a', own('contracts/api/schema.js')), undefined),
      roomOf(frame('a', pack('@libp2p/tcp/dist/src/socket.js')), undefined),
      roomOf(frame('a', 'node:internal/streams/writable'), undefined),
      roomOf(frame('writeBuffer'), file),
      roomOf(frame('writeBuffer'), socket),
      roomOf(frame('(garbage collector)'), undefined),
    ];
    expect(rooms).to.deep.equal([
      'node/mempool',
      'primitives',
      'contracts/api',
      '@libp2p/tcp',
      'node: streams',
      'native: file calls',
      'native: socket writes',
      'garbage collection',
    ]);
  });
});

describe('what the system’s profiler says', () => {
  it('is added up by kind of work', () => {
    const report = [
      '# Overhead  Shared Object  Symbol',
      '    30.00%  [kernel.kallsyms]  [k] tcp_sendmsg',
      '    20.00%  perf-1.map         [.] JS:*run',
      '    10.50%  node               [.] v8::internal::ScavengerCollector::CollectGarbage',
      '     5.00%  libc.so.6          [.] malloc',
      '     0.50%  libc.so.6          [.] _int_free',
    ].join('\n');
    expect([...sharesByKind(report)]).to.deep.equal([
      ['kernel', 30],
      ['compiled JavaScript', 20],
      ['garbage collection', 10.5],
      ['memory: malloc, free', 5.5],
    ]);
  });
});

describe('a document with marks', () => {
  it('takes what a command measured between them, and nothing where they are missing', () => {
    const document = 'before <!-- a --> old <!-- end of a --> after';
    expect(replaceMarked(document, 'a', 'new')).to.equal('before <!-- a -->\n\nnew\n\n<!-- end of a --> after');
    expect(() => replaceMarked(document, 'b', 'new')).to.throw(BenchError);
  });
});
