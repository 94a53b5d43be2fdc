import crypto from 'node:crypto';
import fs from 'node:fs';
import fsPromises, { type FileHandle } from 'node:fs/promises';
import { Server } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { MessagePort } from 'node:worker_threads';
import { kindOfRow } from '../../node/storage/prefixes.js';
import { answerQuestions } from './threadAnswers.js';

/**
 * An instrument: counts what a thread asks of the machine, at the edges of Node.js and of the native packages, so that
 * the counts hold whatever the rooms above look like. Every question is answered with what was counted so far.
 */

const counts: Record<string, number> = {};

function count(name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

type AnyFunction = (this: unknown, ...args: never[]) => unknown;

/** Puts `before` in front of a method, wherever it is called from. */
function watch(holder: object, name: string, before: (self: unknown, args: readonly unknown[]) => void): void {
  const methods = holder as Record<string, AnyFunction | undefined>;
  const inner = methods[name];
  if (inner === undefined) return;
  methods[name] = function (this: unknown, ...args: never[]) {
    before(this, args);
    return inner.apply(this, args);
  };
}

function watchMachine(): void {
  watch(crypto, 'hash', () => count('hashes'));
  watch(crypto, 'createHash', () => count('hashes'));
  watch(MessagePort.prototype, 'postMessage', () => count('thread messages'));
  for (const name of ['_write', '_writev']) {
    watch(Socket.prototype, name, (socket) => count(isOfClient(socket) ? 'client writes' : 'peer writes'));
  }
  watchFiles();
  syncBuiltinESMExports();
}

/** An answer of the RPC goes to a client; everything else to a peer. */
function isOfClient(socket: unknown): boolean {
  return (socket as { readonly server?: unknown }).server instanceof Server;
}

const POOL_CALLS = ['rename', 'unlink', 'readdir', 'readFile', 'writeFile', 'mkdir', 'stat', 'statfs'] as const;
const HANDLE_CALLS = ['write', 'writev', 'read', 'stat', 'truncate', 'datasync', 'sync', 'close'] as const;
const SYNC_CALLS = ['openSync', 'writeSync', 'closeSync', 'renameSync', 'unlinkSync', 'fsyncSync', 'fdatasyncSync'];
const SYNCS = new Set(['datasync', 'sync', 'fsyncSync', 'fdatasyncSync', 'fsync', 'fdatasync']);

/** Whoever opened a file with one of these waits for the disk in each write. */
const SYNC_FLAGS = (fs.constants.O_DSYNC ?? 0) | (fs.constants.O_SYNC ?? 0);

function countFileCall(name: string): void {
  count('file calls');
  if (SYNCS.has(name)) count('fsyncs');
}

function watchFiles(): void {
  const open = fsPromises.open;
  for (const name of POOL_CALLS) watch(fsPromises, name, () => countFileCall(name));
  fsPromises.open = async (...args: Parameters<typeof open>): Promise<FileHandle> => {
    countFileCall('open');
    const handle = await open(...args);
    const syncsWrites = typeof args[1] === 'number' && (args[1] & SYNC_FLAGS) !== 0;
    for (const name of HANDLE_CALLS) {
      watch(handle, name, () => {
        countFileCall(name);
        if (syncsWrites && name.startsWith('write')) count('fsyncs');
      });
    }
    return handle;
  };
  for (const name of ['write', 'writev', 'fsync', 'fdatasync']) watch(fs, name, () => countFileCall(name));
  for (const name of SYNC_CALLS) watch(fs, name, () => countFileCall(name));
}

interface LevelOperation {
  readonly type: 'put' | 'del';
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

function watchPackages(): void {
  const require = createRequire(import.meta.url);
  const signatures = require('secp256k1/bindings.js') as object;
  watch(signatures, 'ecdsaVerify', () => count('signature checks'));
  watch(signatures, 'ecdsaSign', () => count('signatures made'));
  const tree = require('@chainsafe/hashtree') as object;
  watch(tree, 'hashInto', (_, [input]) => {
    count('bulk hash calls');
    count('bulk hashes', (input as Uint8Array).length / 64);
  });
  const level = require(join(dirname(require.resolve('classic-level')), 'binding.js')) as object;
  watch(level, 'batch_put', (_, [, key, value]) => countPut(key as Uint8Array, value as Uint8Array));
  watch(level, 'batch_del', () => count('database deletes'));
  watch(level, 'db_get_sync', () => count('database reads'));
  watch(level, 'db_get', () => count('database reads'));
  for (const name of ['batch_write', 'batch_do', 'db_put', 'db_del']) {
    watch(level, name, (_, args) => {
      count('database writes');
      if ((args.at(-1) as { readonly sync?: boolean } | undefined)?.sync === true) count('fsyncs');
      if (name === 'batch_do') for (const operation of args[1] as readonly LevelOperation[]) countOperation(operation);
    });
  }
}

function countOperation({ type, key, value = new Uint8Array() }: LevelOperation): void {
  if (type === 'put') countPut(key, value);
  else count('database deletes');
}

/** What the state tree holds is written once in many blocks, all at once: a count of its own keeps the others steady. */
function countPut(key: Uint8Array, value: Uint8Array): void {
  const kind = kindOfRow(key) ?? 'other';
  const what = kind === 'statePage' || kind === 'stateValue' ? 'state' : 'row';
  count(`${what} puts`);
  count(`${what} bytes`, key.length + value.length);
}

watchMachine();
watchPackages();
answerQuestions(() => {
  // The question or the answer itself, one message of each thread.
  count('thread messages', -1);
  return counts;
});
