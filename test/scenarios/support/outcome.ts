import { expect } from 'chai';
import { among, type Filter, type Script } from '../protocol/script.js';

const CYCLES = 12;

/** Everything is delivered and healed, then every timer that runs runs out, until all of them have decided. */
export function goOn(
  script: Script,
  numbers: readonly number[],
  { height = 1, filter = among(...numbers) }: { readonly height?: number; readonly filter?: Filter } = {},
): void {
  const isDone = (): boolean => numbers.every((number) => script.decided(number, height) !== undefined);
  for (let cycle = 0; cycle < CYCLES && !isDone(); cycle++) {
    script
      .deliver(filter)
      .heal(...numbers)
      .deliver(filter);
    if (isDone()) return;
    for (const number of numbers) if (script.hasTimer(number)) script.fire(number);
  }
}

/** All of them have decided the height, the same block, and nobody honest signed what it may not. @returns its hash */
export function expectOneBlock(script: Script, numbers: readonly number[], height = 1): string {
  const decided = numbers.map((number) => script.decided(number, height));
  expect(decided, `every validator decides height ${height}`).to.not.include(undefined);
  expect(new Set(decided).size, `one block at height ${height}`).to.equal(1);
  expect(script.checker.violations).to.deep.equal([]);
  return decided[0] ?? '';
}
