import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LightClient, TrustedState } from '../client/lightClient.js';
import { formatTrustedState, MAX_TRUSTED_STATE_CHARACTERS, parseTrustedState } from '../client/trustedState.js';
import { type Hash, toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import { CliError } from './errors.js';
import { readTextFile } from './files.js';

/** Digits of the genesis hash in a file's name: a wallet may be used with several networks. */
const NAME_DIGITS = 16;

/**
 * Where a wallet keeps the newest header that it verified of a network: from there the next command goes on, and a chain
 * that contradicts it is refused.
 */
export class TrustStore {
  readonly path: string;

  constructor(walletDirectory: string, genesisHash: Hash) {
    this.path = join(walletDirectory, `trusted-${toHex(genesisHash).slice(2, 2 + NAME_DIGITS)}.state`);
  }

  /** @returns undefined where nothing was kept yet. @throws CliError `FILE_UNREADABLE`; ClientError `TRUSTED_STATE_INVALID` */
  async load(): Promise<TrustedState | undefined> {
    try {
      return parseTrustedState(await readTextFile(this.path, MAX_TRUSTED_STATE_CHARACTERS));
    } catch (error) {
      if (error instanceof CliError && error.details.actual === 'ENOENT') return undefined;
      if (isCodedError(error) && error.code === 'TRUSTED_STATE_INVALID') throw damaged(this.path, error.message);
      throw error;
    }
  }

  /**
   * Keeps what is trusted now, unless another command has kept a later header meanwhile.
   *
   * @returns a warning where the wallet cannot be written to: nothing is lost, the next command verifies more
   */
  async save(light: LightClient): Promise<string | undefined> {
    const { state } = light;
    if (state === undefined) return undefined;
    try {
      const kept = await this.load();
      if (kept !== undefined && kept.header.height >= state.header.height) return undefined;
      const part = `${this.path}.${process.pid}.part`;
      await writeFile(part, formatTrustedState(state), { mode: 0o600 });
      await rename(part, this.path);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `${this.path}: the trusted header was not kept (${reason})`;
    }
  }
}

function damaged(path: string, actual: string): CliError {
  return new CliError('WALLET_INVALID', `${path}: expected a trusted header that was kept, found ${actual}`, {
    expected: 'what an earlier command kept',
    actual,
    hint: 'move the file away: the next command verifies everything anew from the genesis file',
  });
}
