import { join } from 'node:path';
import { buildContract } from '../../../kit/build.js';
import { fromHex, type Hex, toHex } from '../../../primitives/bytes.js';
import { utf8Encode } from '../../../primitives/text.js';
import { chainProgram, HOSTILE_METHODS, hostileProgram } from '../../support/sandbox/hostileContracts.js';

/** What the banks of the history deploy: built once, so that every way to run it gets the same bytes. */
export interface HistoryPrograms {
  readonly escrow: Hex;
  readonly escrowNext: Hex;
}

/** Bundles of the worked escrow and of its next version, which takes the stored deals over. */
export async function buildHistoryPrograms(root: string): Promise<HistoryPrograms> {
  const bundle = async (name: string): Promise<Hex> =>
    toHex((await buildContract(join(root, 'examples', 'contracts', name))).program);
  return { escrow: await bundle('escrow'), escrowNext: await bundle('escrow-v2') };
}

/** A bundle is ASCII alone. */
function ascii(program: string): string {
  return program.replace(/[^\x20-\x7e\n]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A contract of the history by its name, before anything is replaced. */
export interface DeployedProgram {
  readonly name: string;
  readonly bundle: Uint8Array;
}

/**
 * Everything that is in force from the first chapter on: the escrow; a contract of every trick; a program that calls a
 * native contract (`gateway`) that calls a program (`inner`) that emits.
 */
export function firstPrograms({ escrow }: HistoryPrograms): readonly DeployedProgram[] {
  const innermost = [{ name: 'attack', body: `ctx.emit('Nothing', {})`, code: '' }];
  const texts = { hostile: hostileProgram(HOSTILE_METHODS), outer: chainProgram('outer', 'gateway') };
  return [
    { name: 'escrow', bundle: fromHex(escrow) },
    ...Object.entries(texts).map(([name, text]) => ({ name, bundle: utf8Encode(ascii(text)) })),
    { name: 'inner', bundle: utf8Encode(hostileProgram(innermost, 'inner')) },
  ];
}
