import { startNode } from '../node/node.js';
import { resolveConfig } from '../node/ops/config.js';
import { VERSION } from '../primitives/version.js';
import type { NodeReport } from './devnet/nodeProcess.js';
import type { Invocation } from './invocation.js';
import { keyPassword } from './keyPassword.js';
import { readNodeConfig } from './nodeConfig.js';
import { nodeHome } from './nodeHome.js';
import { type CommandResult, describeError } from './output.js';

/**
 * Runs a node in this process until it is told to stop, its parent dies, or it must stop by itself. A parent that
 * forked the process learns over their channel that it serves, or why it does not.
 *
 * @throws what made the node stop
 */
export async function runNode(invocation: Invocation): Promise<CommandResult> {
  try {
    return await serve(invocation);
  } catch (error) {
    const { code, message } = describeError(error);
    report({ type: 'failed', code, message });
    throw error;
  } finally {
    // The channel to the parent would keep the process alive.
    if (process.connected) process.disconnect();
  }
}

async function serve(invocation: Invocation): Promise<CommandResult> {
  const { output, host, options } = invocation;
  const home = nodeHome(invocation);
  const { settings } = resolveConfig(await readNodeConfig(invocation, home));
  const passwordFile = options.text('passwordFile') ?? settings.passwordFile;
  const password = await keyPassword(host, passwordFile, `the keys of ${settings.name}`);
  const ended = new EndOfNode();
  const node = await startNode({ settings, password, version: VERSION, onFatal: (error) => ended.fail(error) });
  report({ type: 'ready', rpcUrl: node.rpcUrl, height: node.height });
  output.note(`${settings.name} serves ${node.rpcUrl} at height ${node.height}, peer id ${node.peerId}`);
  try {
    const reason = await ended.reached;
    output.note(`${reason}: stopping`);
    return { data: { stopped: reason }, text: 'stopped' };
  } finally {
    ended.dispose();
    await node.stop();
  }
}

function report(message: NodeReport): void {
  if (process.connected) process.send?.(message);
}

/** Settles when the node is to stop: on a signal, on the parent's death, or on a failure. */
class EndOfNode {
  readonly reached: Promise<string>;
  private resolve: (reason: string) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  private readonly onInterrupt = (): void => this.resolve('SIGINT');
  private readonly onTerminate = (): void => this.resolve('SIGTERM');
  private readonly onOrphaned = (): void => this.resolve('the parent process ended');

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A failure before anybody waits is not lost: it is thrown when the wait begins.
    this.reached.catch(() => undefined);
    process.once('SIGINT', this.onInterrupt);
    process.once('SIGTERM', this.onTerminate);
    if (process.connected) process.once('disconnect', this.onOrphaned);
  }

  fail(error: unknown): void {
    this.reject(error);
  }

  dispose(): void {
    process.off('SIGINT', this.onInterrupt);
    process.off('SIGTERM', this.onTerminate);
    process.off('disconnect', this.onOrphaned);
  }
}
