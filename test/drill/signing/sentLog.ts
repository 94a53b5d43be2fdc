import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, isSigned } from '../../../consensus/messageCodec.js';
import { toHex } from '../../../primitives/bytes.js';

/** Beside the files of a node's home: every vote that ever left it. */
export function sentLogFile(home: string): string {
  return join(home, 'sent.log');
}

/**
 * Writes down every vote before it leaves the node: one line `type height round payload`. A killed process loses none of
 * them: the operating system has them.
 */
export class SentLog {
  private readonly descriptor: number;

  constructor(path: string) {
    this.descriptor = openSync(path, 'a', 0o600);
  }

  /** A Status binds nobody; certificates and evidence are nobody’s own. */
  note(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!isSigned(message) || message.type === 'status') return;
    const { type, height, round } = message;
    const payload =
      message.type === 'roundChange'
        ? `${message.preparedRound ?? '-'}/${message.preparedHash === undefined ? '-' : toHex(message.preparedHash)}`
        : toHex(message.blockHash);
    writeSync(this.descriptor, `${type} ${height} ${round} ${payload}\n`);
  }
}
