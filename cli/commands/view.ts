import type { Command } from 'commander';
import { registerView } from '../contract/interfaceCommands.js';
import type { Bind } from '../invocation.js';
import { withExamples } from '../options.js';

/** `vostro view`, the short form of `vostro contract view`. */
export function register(program: Command, bind: Bind): void {
  withExamples(
    registerView(program, bind),
    'vostro view cash',
    'vostro view cash supply --currency EUR',
    'vostro view membership members --limit 10',
  );
}
