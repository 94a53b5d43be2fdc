import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { encodeFrame } from '../../../node/network/frame.js';
import { PROTOCOLS } from '../../../node/network/limits.js';
import { RawPeer } from '../../support/network/rawPeer.js';
import { BankBook, heightOf, onlyOf } from '../../support/processes/bankBook.js';
import { isRunning } from '../../support/processes/processLife.js';
import { type Member, ProcessNetwork } from '../../support/processes/processNetwork.js';
import { until } from '../../support/processes/until.js';

const REFUSED = 'vostro_network_refused_total';
const FAULTS = 'vostro_network_faults_total';
const PEERS = 'vostro_network_peers_count';

describe('a node that is a process', function () {
  this.timeout(300_000);
  let network: ProcessNetwork;
  let book: BankBook;
  let raw: RawPeer | undefined;

  before(async () => {
    network = await ProcessNetwork.create();
    await network.start();
    book = await BankBook.open(network);
  });

  afterEach(async () => {
    await raw?.stop();
    raw = undefined;
  });

  after(() => network?.remove());

  const validator = (seat: number): Member => network.validators[seat] as Member;

  /** What a peer dials. */
  const addressOf = ({ node }: Member) => {
    const member = network.genesis.members.find(({ bic }) => bic === node.member.bic);
    const peerId = member?.nodes[0]?.peerId ?? '';
    const entry = { peerId, member: node.member.bic, role: 'validator' as const, addresses: [node.peerAddress] };
    return { peerId, entry };
  };

  /** A payment becomes final, and these nodes have it. */
  const expectSettling = async (reference: string, members: readonly Member[]): Promise<void> => {
    const [from, to] = book.banks.slice(0, 2) as [string, string];
    const { height } = await book.pay(from, to, 3n, reference);
    for (const member of members) {
      const client = onlyOf(network, member);
      await until(`${member.node.member.bic} at height ${height}`, async () => (await heightOf(client)) >= height);
      expect([...(await book.balances(client))]).to.deep.equal([...book.expected]);
    }
  };

  it('gives a stranger no stream', async () => {
    const node = validator(0);
    const everyOther = network.members.length - 1;
    const peers = () => network.metric(node, PEERS);
    // A node is ready before the last of the others has found it.
    await until('every other node', async () => (await peers()) === everyOther);
    raw = new RawPeer(9);
    await raw.start();
    const opened: unknown[] = [];
    try {
      const connection = await raw.dial(addressOf(node));
      for (const protocol of Object.values(PROTOCOLS)) opened.push(await connection.newStream(protocol));
    } catch {
      // Refused at the handshake or right after it: which of the two the stranger sees is a matter of timing.
    }
    await until('the refusal', async () => (await network.metric(node, REFUSED, 'reason="stranger"')) > 0);
    expect(opened).to.deep.equal([]);
    expect(raw.inbound).to.deep.equal([]);
    expect(await peers()).to.equal(everyOther);
    await expectSettling('STRANGER', network.members);
  });

  const attacks = [
    { name: 'an oversized frame', code: 'FRAME_TOO_LARGE', data: Uint8Array.of(255, 255, 255, 255, 0) },
    { name: 'a malformed frame', code: 'FRAME_MALFORMED', data: Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 9, 1) },
  ];
  for (const [seat, { name, code, data }] of attacks.entries()) {
    it(`ends the connection of a peer of the allow-list that sends ${name}, and settles on`, async () => {
      const node = validator(seat);
      const { observer } = network;
      await observer.process.kill();
      // Its key in hands that keep none of the rules.
      raw = new RawPeer(9, 'observer', await network.networkKey(observer));
      await raw.start();
      const faults = () => network.metric(node, FAULTS, `code="${code}"`);
      const faultsBefore = await faults();
      const connection = await raw.dial(addressOf(node));
      const stream = await connection.newStream(PROTOCOLS.consensus);
      stream.send(encodeFrame([]));
      stream.send(data);
      await until('the end of the connection', () => connection.status !== 'open');
      expect(await faults()).to.equal(faultsBefore + 1);
      await expectSettling(code, network.validators);
      await raw.stop();
      await observer.process.start();
      await expectSettling(`${code}-AFTER`, network.members);
    });
  }

  it('ends with code 0 when it is told to stop, and goes on from where it was', async () => {
    const node = validator(3);
    expect(await node.process.stop()).to.equal(0);
    await expectSettling('STOPPED', network.validators.slice(0, 3));
    await node.process.start();
    await expectSettling('STARTED', network.members);
  });

  it('ends when its parent is killed', async () => {
    const node = validator(2);
    await node.process.stop();
    const program = fileURLToPath(new URL('../../support/processes/mortalParent.js', import.meta.url));
    const parent = spawn(process.execPath, [program, node.node.home], { stdio: ['ignore', 'pipe', 'inherit'] });
    let pid: number | undefined;
    try {
      pid = await firstLine(parent);
      expect(await isRunning(pid)).to.equal(true);
      await network.untilReady(node);
      parent.kill('SIGKILL');
      const orphan = pid;
      await until('the end of the orphan', async () => !(await isRunning(orphan)));
    } finally {
      parent.kill('SIGKILL');
      if (pid !== undefined && (await isRunning(pid))) process.kill(pid, 'SIGKILL');
    }
    await node.process.start();
    await expectSettling('ADOPTED', network.members);
  });
});

/** The process id that a program writes. */
async function firstLine(program: ChildProcess): Promise<number> {
  const [line] = (await Promise.race([
    once(program.stdout as NodeJS.ReadableStream, 'data'),
    once(program, 'exit').then(() => ['0']),
  ])) as [unknown];
  const pid = Number(String(line).trim());
  expect(pid, 'the process id of the node').to.be.greaterThan(0);
  return pid;
}
