import type { Sandbox } from '../../contracts/deployment/programs.js';
import { StandardSandbox } from '../../sandbox/standardSandbox.js';

/** The engine of this version. */
export function nodeSandbox(): Sandbox {
  return new StandardSandbox();
}
