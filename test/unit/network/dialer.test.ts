import { expect } from 'chai';
import { Dialer } from '../../../node/network/dialer.js';
import type { PeerEntry } from '../../../node/network/types.js';
import { CountingMetrics, QUIET, settle, until } from '../../support/network/testPeer.js';

const LIMITS = { higherDialDelayMs: 60, reconnectBaseMs: 5, reconnectCapMs: 20, stableConnectionMs: 1_000 };
const entry = (peerId: string, addresses: readonly string[] = ['/ip4/127.0.0.1/tcp/1']): PeerEntry => ({
  peerId,
  member: 'BANK',
  role: 'validator',
  addresses,
});

describe('the dialer', () => {
  let dialer: Dialer;
  let dialled: string[];
  let failed: string[];
  let outcome: () => Promise<void>;

  beforeEach(() => {
    dialled = [];
    failed = [];
    outcome = () => Promise.reject(new Event('error'));
    dialer = new Dialer(
      { ownPeerId: 'm', limits: LIMITS },
      {
        dial: ({ peerId }) => {
          dialled.push(peerId);
          return outcome();
        },
        random: () => 0,
        onFailed: (peerId) => void failed.push(peerId),
        metrics: new CountingMetrics(),
        logger: QUIET,
      },
    );
  });

  afterEach(() => {
    dialer.stop();
  });

  it('dials higher ids at once, lower ids only after they had their time, and nobody without an address', async () => {
    outcome = () => new Promise(() => undefined);
    dialer.setTargets([entry('a'), entry('z'), entry('y', [])], () => false);
    await until(() => dialled.length === 1, 'the first dial');
    expect(dialled).to.deep.equal(['z']);
    await until(() => dialled.length === 2, 'the second dial');
    expect(dialled).to.deep.equal(['z', 'a']);
  });

  it('does not dial a lower id that dialled in time', async () => {
    dialer.setTargets([entry('a')], () => false);
    dialer.onConnected('a');
    await settle(100);
    expect(dialled).to.deep.equal([]);
  });

  it('never gives up, whatever a dial fails with', async () => {
    dialer.setTargets([entry('z')], () => false);
    await until(() => dialled.length >= 6, 'six dials');
    expect(new Set(failed)).to.deep.equal(new Set(['z']));
  });

  it('dials again when a connection is gone, and not after it is told to stop or to forget', async () => {
    outcome = () => {
      dialer.onConnected('z');
      return Promise.resolve();
    };
    dialer.setTargets([entry('z')], () => false);
    await until(() => dialled.length === 1, 'the first dial');
    await settle(50);
    expect(dialled).to.have.length(1);
    dialer.onDisconnected('z', 5_000);
    await until(() => dialled.length === 2, 'the second dial');
    dialer.setTargets([], () => false);
    dialer.onDisconnected('z', 5_000);
    await settle(50);
    expect(dialled).to.have.length(2);
  });

  it('ends a dial under way to a peer that is taken off the list', async () => {
    let aborted = false;
    const own = new Dialer(
      { ownPeerId: 'm', limits: LIMITS },
      {
        dial: (_, signal) =>
          new Promise((_resolve, reject) => {
            dialled.push('z');
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(new TypeError('aborted'));
            });
          }),
        random: () => 0,
        onFailed: (peerId) => void failed.push(peerId),
        metrics: new CountingMetrics(),
        logger: QUIET,
      },
    );
    own.setTargets([entry('z')], () => false);
    await until(() => dialled.length === 1, 'the dial');
    own.setTargets([], () => false);
    expect(aborted).to.equal(true);
    await settle(50);
    expect(dialled).to.have.length(1);
    expect(failed).to.deep.equal([]);
    own.stop();
  });
});
