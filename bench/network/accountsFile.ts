import { readFile, writeFile } from 'node:fs/promises';
import { addressToBytes } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import type { LoadAccount } from './accounts.js';

const PRIVATE_KEY_BYTES = 32;
const PUBLIC_KEY_BYTES = 33;
const ADDRESS_BYTES = 20;
const ROW_BYTES = PRIVATE_KEY_BYTES + PUBLIC_KEY_BYTES + ADDRESS_BYTES;

/** Writes private key, public key and address of each account, one after the other, for the generators to read. */
export async function writeAccounts(path: string, accounts: readonly LoadAccount[]): Promise<void> {
  const bytes = new Uint8Array(accounts.length * ROW_BYTES);
  accounts.forEach(({ privateKey, publicKey, address }, index) => {
    const at = index * ROW_BYTES;
    bytes.set(privateKey, at);
    bytes.set(publicKey, at + PRIVATE_KEY_BYTES);
    bytes.set(addressToBytes(address), at + PRIVATE_KEY_BYTES + PUBLIC_KEY_BYTES);
  });
  await writeFile(path, bytes, { mode: 0o600 });
}

/** The accounts in the order in which they were written. */
export async function readAccounts(path: string): Promise<LoadAccount[]> {
  const bytes = await readFile(path);
  return Array.from({ length: bytes.length / ROW_BYTES }, (_, index) => {
    const at = index * ROW_BYTES;
    const part = (from: number, length: number): Uint8Array => bytes.subarray(at + from, at + from + length);
    return {
      privateKey: part(0, PRIVATE_KEY_BYTES),
      publicKey: part(PRIVATE_KEY_BYTES, PUBLIC_KEY_BYTES),
      address: toHex(part(PRIVATE_KEY_BYTES + PUBLIC_KEY_BYTES, ADDRESS_BYTES)),
    };
  });
}
