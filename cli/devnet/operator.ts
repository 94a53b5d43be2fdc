import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../primitives/errors.js';
import type { Envelope } from '../output.js';
import type { DevnetLayout } from './layout.js';
import { DevnetError } from './nodeProcess.js';

export interface CommandOutcome {
  readonly exitCode: number;
  readonly envelope: Envelope;
}

/** An operator at the keyboard: every step of the day is a command that a person could type. */
export class Operator {
  constructor(
    private readonly layout: DevnetLayout,
    /** The node that is asked. */
    private readonly rpcUrl: string,
  ) {}

  /**
   * Runs `vostro ARGS --json` in a process of its own; its progress goes to this terminal.
   *
   * @throws DevnetError `DAY_FAILED` when it prints no envelope
   */
  async run(...args: readonly string[]): Promise<CommandOutcome> {
    const main = fileURLToPath(new URL('../main.js', import.meta.url));
    const child = spawn(process.execPath, [main, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, VOSTRO_WALLET: this.layout.wallet, VOSTRO_RPC: this.rpcUrl },
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    return { exitCode, envelope: readEnvelope(text, args) };
  }

  /** The same for a command that must succeed. @returns its data. @throws CodedError with the command's own code */
  async must<Data>(...args: readonly string[]): Promise<Data> {
    const { exitCode, envelope } = await this.run(...args);
    const [error] = envelope.errors;
    if (exitCode === 0 && error === undefined) return envelope.data as Data;
    throw new CodedError(error?.code ?? 'DAY_FAILED', `vostro ${args.join(' ')}: ${error?.message ?? 'failed'}`, {
      ...error?.details,
    });
  }
}

function readEnvelope(text: string, args: readonly string[]): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    throw new DevnetError('DAY_FAILED', `vostro ${args.join(' ')} printed no JSON`, {
      expected: 'one JSON envelope',
      actual: text.slice(0, 200),
    });
  }
}
