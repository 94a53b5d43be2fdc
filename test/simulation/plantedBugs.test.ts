import { expect } from 'chai';
import { simulateSeed } from './simulateSeed.js';
import type { Surgery } from './world/node.js';
import type { Profile } from './world/profiles.js';
import { createSettlement } from './world/settlement.js';

/** A bug in every honest node, put there from outside, and the checker that must see it. */
interface PlantedBug {
  readonly name: string;
  readonly profile: Profile;
  readonly surgery: Surgery;
  readonly finding: RegExp;
}

const BUGS: readonly PlantedBug[] = [
  {
    name: 'believes every signature',
    profile: 'byzantine',
    surgery: {
      modules: (modules) => ({
        ...modules,
        verifier: { ...modules.verifier, verifyMany: async (checks) => checks.map(() => true) },
        backend: { ...modules.backend, verify: () => true },
      }),
    },
    finding: /^(certificate|agreement|validity|stop)/,
  },
  {
    name: 'calls every block valid',
    profile: 'byzantine',
    surgery: {
      modules: (modules, { executor }) => {
        const { executor: remote } = modules;
        remote.execute = async (block) => {
          await executor?.execute(block);
          return { valid: true };
        };
        return modules;
      },
    },
    finding: /^(stop|validity)/,
  },
  {
    name: 'signs before its journal is on the disk',
    profile: 'crash',
    surgery: {
      modules: (modules) => ({
        ...modules,
        disk: {
          ...modules.disk,
          openDurable: async (path) => {
            if (!path.endsWith('.journal')) return modules.disk.openDurable(path);
            const file = await modules.disk.open(path, 'existing');
            return { writeDurably: (bytes, position) => file.write(bytes, position), close: () => file.close() };
          },
        },
      }),
    },
    finding: /^(double signature|stop|agreement)/,
  },
  {
    name: 'hears nothing when it asks how far others are',
    profile: 'crash',
    surgery: {
      network: (inner) => ({
        peerId: inner.peerId,
        start: () => inner.start(),
        stop: () => inner.stop(),
        setPeers: (peers) => inner.setPeers(peers),
        connectedPeers: () => inner.connectedPeers(),
        broadcastConsensus: (key, message) => inner.broadcastConsensus(key, message),
        sendConsensus: (peerId, key, message) => inner.sendConsensus(peerId, key, message),
        broadcastTransactions: (transactions) => inner.broadcastTransactions(transactions),
        request: () => new Promise(() => {}),
        penalise: (peerId, reason) => inner.penalise(peerId, reason),
      }),
    },
    finding: /^liveness/,
  },
];

const MOST_SEEDS = 40;

describe('the simulator', function () {
  this.timeout(600_000);
  const settlement = createSettlement(4);

  for (const { name, profile, surgery, finding } of BUGS) {
    it(`sees that every node ${name}`, async () => {
      for (let seed = 1; seed <= MOST_SEEDS; seed++) {
        const { violations } = await simulateSeed({ seed, profile, planted: surgery }, settlement);
        if (violations.some(({ checker, text }) => finding.test(`${checker}: ${text}`))) return;
      }
      expect.fail(`no checker said so in ${MOST_SEEDS} seeds`);
    });
  }
});
