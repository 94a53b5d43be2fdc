import { changedDirectory, wholeDirectory } from '../../contracts/membership/directory.js';
import { NamespacedReader, namespaceOf } from '../../contracts/runtime/namespaces.js';
import type { StateReader } from '../state/types.js';
import type { ExecutionResult } from './blockExecution.js';
import { MEMBERSHIP } from './registryCache.js';
import type { DirectoryUpdate } from './types.js';

const NOTHING: DirectoryUpdate = { keys: [], accounts: [], nodes: undefined };

/** Everything that is registered in the committed state. */
export function wholeDirectoryUpdate(state: StateReader): DirectoryUpdate {
  return wholeDirectory(new NamespacedReader(state, MEMBERSHIP));
}

/** What a block changed in the registry, read from the state after it was committed. */
export function directoryChanges(state: StateReader, result: ExecutionResult): DirectoryUpdate {
  if (!result.isRegistryTouched) return NOTHING;
  const namespace = namespaceOf(MEMBERSHIP);
  const changed: string[] = [];
  for (const key of result.changes.keys()) if (key.startsWith(namespace)) changed.push(key.slice(namespace.length));
  return changedDirectory(new NamespacedReader(state, MEMBERSHIP), changed);
}
