import { isCodedError } from '../../primitives/errors.js';
import { nobleBackend } from '../../primitives/signature.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { createNativeBackend, type NativeBackendOptions } from './nativeBackend.js';

/** The backend in use and why, for the log and the metrics. */
export interface BackendChoice {
  readonly backend: SignatureBackend;
  readonly reason: string;
}

/** The native backend where its binary loads and passes its self test, the pure one elsewhere. Never throws. */
export function chooseBackend(options: NativeBackendOptions = {}): BackendChoice {
  try {
    return { backend: createNativeBackend(options), reason: 'the native binary loads and passes its self test' };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { backend: nobleBackend, reason: error.message };
  }
}
