import { expect } from 'chai';
import type { ConsensusStatus } from '../../../consensus/consensus.js';
import type { WireMessage } from '../../../consensus/messageCodec.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import { PeerDirectory } from '../../../node/engine/peerDirectory.js';
import type { ValidatorHealth } from '../../../node/engine/validatorHealth.js';
import { ValidatorWatch } from '../../../node/engine/validatorWatch.js';
import type { LogFields } from '../../../node/ops/ports.js';
import { headerHash } from '../../../primitives/block.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import { EMPTY_TREE_ROOT } from '../../../primitives/merkle.js';
import { testHeader, testValidators } from '../../support/finalityFixture.js';
import { ManualTimers } from './support/manualTimers.js';
import { silentLogger } from './support/ports.js';

const VALIDATORS = testValidators('watch', 5).slice(0, 4);
const NEWCOMER = testValidators('watch', 5)[4] as (typeof VALIDATORS)[number];
const SILENT_MS = 5_000;
const INTERVAL_MS = 1_000;

/** A watch of validator 0's node over four validators whose nodes are v0 to v3. */
class Scene {
  readonly timers = new ManualTimers();
  readonly gauges = new Map<string, number>();
  readonly counts = new Map<string, number>();
  readonly logged: LogFields[] = [];
  readonly watch: ValidatorWatch;
  connected = ['v1', 'v2', 'v3'];
  round = 0;
  height = 1;

  constructor(private readonly role: 'validator' | 'observer' = 'validator') {
    const directory = new PeerDirectory({ peerId: role === 'validator' ? 'v0' : 'o0', addresses: new Map() });
    const members = [...VALIDATORS, NEWCOMER].map((key, index) => ({ ...key, member: `BANK${index}`, active: true }));
    directory.update({
      keys: members,
      accounts: [],
      nodes: members.map(({ member }, index) => ({ peerId: `v${index}`, member, role: 'validator', addresses: [] })),
    });
    const logger = { ...silentLogger, warn: (fields: LogFields) => void this.logged.push(fields) };
    this.watch = new ValidatorWatch(
      {
        self: role === 'validator' ? VALIDATORS[0]?.address : undefined,
        intervalMs: INTERVAL_MS,
        silentMs: SILENT_MS,
        missedTurns: 3,
        certificates: 4,
      },
      {
        directory,
        network: { connectedPeers: () => this.connected },
        timers: this.timers,
        consensus: () => this.consensus(),
        logger,
        metrics: {
          count: (name, by = 1, labels = {}) => {
            const key = `${name} ${labels['member']}`;
            this.counts.set(key, (this.counts.get(key) ?? 0) + by);
          },
          gauge: (name, value, labels = {}) => void this.gauges.set(`${name} ${labels['member']}`, value),
        },
      },
    );
    this.commit(0);
    this.watch.start();
  }

  /** The block of a height is decided in a round by the given signers. */
  commit(height: number, round = 0, signers: readonly number[] = [0, 1, 2], validators = VALIDATORS): void {
    const header = testHeader({ height, txRoot: EMPTY_TREE_ROOT });
    const blockHash = headerHash(header);
    const signatures = new Map(signers.map((index) => [index, new Uint8Array(64)] as const));
    const certificate =
      height === 0
        ? undefined
        : buildCertificate('commit', { height, round, blockHash }, VALIDATORS.length, signatures);
    this.watch.committed({ header, blockHash, certificate, validators, parameters: DEFAULT_PARAMETERS });
    this.height = height + 1;
    this.round = 0;
  }

  /** So many seconds pass in which these nodes say every second where they are. */
  pass(seconds: number, speakers: readonly string[]): void {
    for (let second = 0; second < seconds; second++) {
      for (const peerId of speakers) this.say(peerId, { type: 'status', height: this.height, round: this.round });
      this.timers.advance(INTERVAL_MS);
    }
  }

  say(peerId: string, message: object): void {
    this.watch.heard(peerId, message as WireMessage);
  }

  of(index: number): ValidatorHealth {
    return this.watch.health()[index] as ValidatorHealth;
  }

  silent(): number[] {
    return this.watch.health().flatMap(({ isSilent }, index) => (isSilent ? [index] : []));
  }

  private consensus(): ConsensusStatus | undefined {
    if (this.role === 'observer') return undefined;
    return {
      height: this.height,
      round: this.round,
      leader: 0,
      self: 0,
      isSigning: true,
      isDecided: false,
      isSyncing: false,
    };
  }
}

describe('the watch over validators', () => {
  it('calls nobody silent who speaks, and never the node itself', () => {
    const scene = new Scene();
    scene.pass(60, ['v1', 'v2', 'v3']);
    expect(scene.silent()).to.deep.equal([]);
    expect(scene.logged).to.deep.equal([]);
    const health = scene.watch.health();
    expect(health.map(({ member }) => member)).to.deep.equal(['BANK0', 'BANK1', 'BANK2', 'BANK3']);
    expect(health.map(({ isSelf }) => isSelf)).to.deep.equal([true, false, false, false]);
    expect(health.map(({ heardAgoMs }) => heardAgoMs)).to.deep.equal([undefined, 1_000, 1_000, 1_000]);
    expect(health.every(({ isHeard }) => isHeard)).to.equal(true);
    expect(scene.of(1)).to.include({ height: 1, round: 0, isConnected: true });
  });

  it('tells once that a validator is silent, and once that it is back', () => {
    const scene = new Scene();
    scene.pass(10, ['v1', 'v2', 'v3']);
    scene.connected = ['v1', 'v2'];
    scene.pass(30, ['v1', 'v2']);
    expect(scene.silent()).to.deep.equal([3]);
    expect(scene.of(3)).to.include({ isConnected: false, isHeard: false, heardAgoMs: 31_000 });
    expect(scene.gauges.get('vostro_validator_silent_count BANK3')).to.equal(1);
    expect(scene.gauges.get('vostro_validator_silent_count BANK2')).to.equal(0);
    expect(scene.gauges.get('vostro_validator_quiet_seconds BANK3')).to.equal(31);
    scene.pass(10, ['v1', 'v2', 'v3']);
    expect(scene.silent()).to.deep.equal([]);
    expect(scene.logged.map(({ event, member }) => `${event} ${member}`)).to.deep.equal([
      'engine.validator_silent BANK3',
      'engine.validator_back BANK3',
    ]);
  });

  it('calls a validator silent that speaks but lets three turns in a row go by', () => {
    const scene = new Scene();
    for (let height = 1; height <= 12; height++) {
      // Validator 3 leads round 0 of heights 3, 7 and 11: each is decided in round 1.
      scene.commit(height, height % 4 === 3 ? 1 : 0);
      scene.pass(1, ['v1', 'v2', 'v3']);
      expect(scene.silent()).to.deep.equal(height < 11 ? [] : [3]);
    }
    expect(scene.of(3)).to.include({ missedTurns: 3, isHeard: true });
    expect(scene.counts.get('vostro_validator_missed_turns_total BANK3')).to.equal(3);
    for (let height = 13; height <= 15; height++) scene.commit(height);
    scene.pass(1, ['v1', 'v2', 'v3']);
    expect(scene.of(3)).to.include({ missedTurns: 0, isSilent: false });
    expect(scene.logged.map(({ event, reason }) => `${event} ${reason ?? ''}`.trim())).to.deep.equal([
      'engine.validator_silent its turns to propose go by',
      'engine.validator_back',
    ]);
  });

  it('sees a turn missed before its height is decided, and counts it once', () => {
    const scene = new Scene();
    scene.round = 2;
    scene.pass(3, ['v1', 'v2', 'v3']);
    expect(scene.watch.health().map(({ missedTurns }) => missedTurns)).to.deep.equal([0, 1, 1, 0]);
    scene.commit(1, 2);
    expect(scene.watch.health().map(({ missedTurns }) => missedTurns)).to.deep.equal([0, 1, 1, 0]);
  });

  it('does not hold against a validator what it missed while it was away', () => {
    const scene = new Scene();
    scene.pass(1, ['v1', 'v2', 'v3']);
    for (let height = 1; height <= 12; height++) {
      scene.commit(height, height % 4 === 3 ? 1 : 0);
      scene.pass(1, ['v1', 'v2']);
    }
    expect(scene.of(3)).to.include({ missedTurns: 3, isSilent: true });
    scene.pass(1, ['v1', 'v2', 'v3']);
    expect(scene.of(3)).to.include({ missedTurns: 0, isSilent: false });
  });

  it('says nothing of others for a while in which it was stopped itself', () => {
    const scene = new Scene();
    scene.pass(3, ['v1', 'v2', 'v3']);
    const { timers } = scene;
    // As a process that was stopped: the clock went on, one timer comes late, then what had come meanwhile is read.
    const frozenUntilMs = timers.now() + 60_000;
    timers.monotonic = () => Math.max(frozenUntilMs, timers.now());
    scene.pass(3, ['v1', 'v2', 'v3']);
    expect(scene.logged).to.deep.equal([]);
  });

  it('is more patient with all of them where it only follows, and takes their answers for signs of life', () => {
    const scene = new Scene('observer');
    scene.pass(SILENT_MS / INTERVAL_MS + 1, []);
    expect(scene.silent()).to.deep.equal([]);
    for (let second = 0; second < 60; second++) {
      for (const peerId of ['v0', 'v1', 'v2']) scene.watch.heardHead(peerId, 6);
      scene.timers.advance(INTERVAL_MS);
    }
    expect(scene.silent()).to.deep.equal([3]);
    expect(scene.of(1)).to.include({ height: 7, round: undefined, isSelf: false });
  });

  it('counts signatures in the newest certificates', () => {
    const scene = new Scene();
    scene.commit(1, 0, [0, 1, 2]);
    scene.commit(2, 0, [0, 1, 3]);
    scene.commit(3, 0, [0, 1, 3]);
    expect(scene.watch.health().map(({ signed }) => signed)).to.deep.equal([3, 3, 1, 2]);
    for (let height = 4; height <= 7; height++) scene.commit(height, 0, [1, 2, 3]);
    expect(scene.watch.health().map(({ signed }) => signed)).to.deep.equal([0, 4, 4, 4]);
    expect(scene.of(0).certificates).to.equal(4);
    scene.pass(1, []);
    expect(scene.gauges.get('vostro_validator_signed_ratio BANK1')).to.equal(1);
  });

  it('estimates clocks by fresh proposals only', () => {
    const scene = new Scene();
    const header = testHeader({ height: 1, txRoot: EMPTY_TREE_ROOT, timestamp: scene.timers.now() + 700 });
    scene.say('v1', { type: 'proposal', height: 1, round: 0, header });
    expect(scene.of(1).clockOffsetMs).to.equal(700);
    const older = testHeader({ height: 1, txRoot: EMPTY_TREE_ROOT, timestamp: scene.timers.now() - 90_000 });
    scene.say('v2', { type: 'proposal', height: 1, round: 1, header: older });
    expect(scene.of(2).clockOffsetMs).to.equal(undefined);
  });

  it('forgets who left the list and begins anew with who joined it', () => {
    const scene = new Scene();
    scene.pass(10, ['v1', 'v2']);
    expect(scene.silent()).to.deep.equal([3]);
    scene.commit(1, 0, [0, 1, 2], [...VALIDATORS.slice(0, 3), NEWCOMER]);
    expect(scene.of(3)).to.include({ member: 'BANK4', isSilent: false, heardAgoMs: undefined });
    expect(scene.gauges.get('vostro_validator_silent_count BANK3')).to.equal(0);
    scene.say('v3', { type: 'status', height: 2, round: 0 });
    expect(scene.watch.health().some(({ member }) => member === 'BANK3')).to.equal(false);
  });
});
