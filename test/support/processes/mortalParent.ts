import { NodeProcess } from '../../../cli/devnet/nodeProcess.js';

/** A program that starts the node of the home that it is given, writes its process id, and waits to be killed. */
const home = process.argv[2] ?? '';
const node = new NodeProcess({ name: 'orphan', home, startTimeoutMs: 90_000, stopTimeoutMs: 90_000 });
await node.start();
process.stdout.write(`${node.pid}\n`);
setInterval(() => undefined, 60_000);
