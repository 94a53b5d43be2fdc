import { among, Script, type ScriptOptions } from '../protocol/script.js';

/** A network of four in which the others decide so many heights while one validator is down. */
export function chainWithout(absent: number, heights: number, options: Partial<ScriptOptions> = {}): Script {
  const present = [0, 1, 2, 3].filter((number) => number !== absent);
  const script = new Script(options).start(...present);
  for (let height = 1; height <= heights; height++) {
    for (let cycle = 0; cycle < 5 && present.some((number) => script.decided(number, height) === undefined); cycle++) {
      script.passInterval(...present).deliver(among(...present));
      if (present.every((number) => script.decided(number, height) !== undefined)) break;
      for (const number of present) if (script.hasTimer(number)) script.fire(number);
      script.deliver(among(...present));
    }
  }
  return script.lose();
}
