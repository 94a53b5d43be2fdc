import { bytes, startMesh, TestPeer } from './testPeer.js';

/** A program: a mesh that has been used, with a request open and a peer that is away, stopped in the midst of it. */
const peers = [new TestPeer(1), new TestPeer(2), new TestPeer(3)];
await startMesh(peers);
const [a, b, c] = peers as [TestPeer, TestPeer, TestPeer];
b.answer = () => new Promise(() => undefined);
const asked = a.network.request(b.peerId, bytes('?'), 60_000).catch(() => undefined);
a.network.broadcastTransactions(Array.from({ length: 200 }, () => new Uint8Array(10_000)));
await c.stop();
await Promise.all([a.stop(), b.stop()]);
await asked;
process.stdout.write('stopped');
