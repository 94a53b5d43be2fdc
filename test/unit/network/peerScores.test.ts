import { expect } from 'chai';
import { PeerScores } from '../../../node/network/peerScores.js';
import { Throttle } from '../../../node/network/throttle.js';

const LIMITS = { faultLimit: 3, faultDecayMs: 1_000, banBaseMs: 100, banCapMs: 350, banForgetMs: 10_000 };

describe('the scores of peers', () => {
  let nowMs = 0;
  const scores = (): PeerScores => {
    nowMs = 1_000;
    return new PeerScores(LIMITS, () => nowMs);
  };

  it('ban at once for a malformed or oversized frame, each time for longer, up to a cap', () => {
    const peers = scores();
    expect(peers.fault('a', 'FRAME_TOO_LARGE')).to.equal(100);
    expect(peers.isBanned('a')).to.equal(true);
    nowMs += 100;
    expect(peers.isBanned('a')).to.equal(false);
    expect(
      ['FRAME_MALFORMED', 'MULTIPLEXER_ABUSED', 'FRAME_MALFORMED'].map((code) => peers.fault('a', code)),
    ).to.deep.equal([200, 350, 350]);
    expect(peers.isBanned('b')).to.equal(false);
  });

  it('bear with other faults that come more slowly than they are forgiven', () => {
    const peers = scores();
    for (let i = 0; i < 50; i++) {
      expect(peers.fault('a', 'SIGNATURE_INVALID')).to.equal(0);
      nowMs += 1_000;
    }
    const quick = Array.from({ length: 4 }, () => peers.fault('a', 'SIGNATURE_INVALID'));
    expect(quick).to.deep.equal([0, 0, 0, 100]);
  });

  it('forget old bans after good conduct, and peers that are no longer on the list', () => {
    const peers = scores();
    peers.fault('a', 'FRAME_MALFORMED');
    peers.fault('a', 'FRAME_MALFORMED');
    nowMs += 10_200;
    expect(peers.fault('a', 'FRAME_MALFORMED')).to.equal(100);
    peers.retain(new Set(['b']));
    expect(peers.isBanned('a')).to.equal(false);
    expect(peers.fault('a', 'FRAME_MALFORMED')).to.equal(100);
  });
});

describe('a throttle', () => {
  it('lets a burst of one second pass and then tells how long the rest has to wait', () => {
    let nowMs = 0;
    const throttle = new Throttle(1_000, () => nowMs);
    expect(throttle.take(1_000)).to.equal(0);
    expect(throttle.take(500)).to.equal(500);
    nowMs = 500;
    expect(throttle.take(0)).to.equal(0);
    expect(throttle.tryTake(1)).to.equal(false);
    nowMs = 501;
    expect(throttle.tryTake(5_000)).to.equal(true);
    expect(throttle.tryTake(1)).to.equal(false);
    nowMs = 60_000;
    expect(throttle.take(1_001)).to.equal(1);
  });
});
