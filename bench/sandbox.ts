import { OutOfFuel } from '../contracts/runtime/fuelMeter.js';
import { compileQuickjs, createSandboxEngine } from '../sandbox/engine.js';
import { GUEST_LIMITS } from '../sandbox/limits.js';
import type { GuestMeter, GuestOperation, LoadedGuest, SandboxEngine } from '../sandbox/types.js';

const FUEL = 100_000_000;
const ROUNDS = 7;

/** Two reads, two writes, an event and one more: what a transfer asks of its host, without validation. */
const TRANSFER = `globalThis.__vostroCall = function (input) {
  const call = JSON.parse(input);
  const from = JSON.stringify([call.asset, call.from]);
  const to = JSON.stringify([call.asset, call.to]);
  const amount = BigInt(call.amount);
  const left = BigInt(__vostroHost(1, from, ''));
  const had = BigInt(__vostroHost(1, to, ''));
  if (left < amount) return '{"failed":"INSUFFICIENT"}';
  __vostroHost(2, from, (left - amount).toString());
  __vostroHost(2, to, (had + amount).toString());
  __vostroHost(3, 'Transferred', JSON.stringify({ ...call, amount: amount.toString() }));
  __vostroHost(4, call.from, '');
  return '{"ok":null}';
};`;
const BARE = 'globalThis.__vostroCall = function (input) { return input };';

class BenchMeter implements GuestMeter {
  fuelLeft = FUEL;
  depthLeft: number = GUEST_LIMITS.callDepth;

  charge(units: number): void {
    if (units > this.fuelLeft) throw new OutOfFuel();
    this.fuelLeft -= units;
  }
}

/** A host with balances and nothing else, so that the border is what is measured. */
function balances(): GuestOperation {
  const state = new Map<string, string>();
  return (operation, first, second) => {
    if (operation === 1) return state.get(first) ?? '1000000000';
    if (operation === 2) state.set(first, second);
    return '';
  };
}

/** Processor time of the process: other processes of the machine do not count. */
function millisecondsOf<T>(run: () => T): readonly [T, number] {
  const start = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1_000];
}

/** The median of some rounds, in microseconds a call, and the fuel of the last call. */
function measureCalls(loaded: readonly LoadedGuest[], calls: number, input: string) {
  const operation = balances();
  let units = 0;
  const round = (): number => {
    const [, milliseconds] = millisecondsOf(() => {
      for (let call = 0; call < calls; call++) {
        const meter = new BenchMeter();
        loaded[call % loaded.length]?.run(input, operation, meter);
        units = FUEL - meter.fuelLeft;
      }
    });
    return (milliseconds * 1_000) / calls;
  };
  round();
  const rounds = Array.from({ length: ROUNDS }, round).sort((a, b) => a - b);
  return { median: rounds[ROUNDS >> 1] ?? 0, best: rounds[0] ?? 0, units };
}

function print(name: string, { median, best, units }: ReturnType<typeof measureCalls>): void {
  const each = `${median.toFixed(1)} us a call (best ${best.toFixed(1)})`;
  const perUnit = `${((median * 1_000) / units).toFixed(2)} ns a unit`;
  console.log(`${name.padEnd(44)} ${each}, ${Math.round(1e6 / median)} calls/s, ${units} units, ${perUnit}`);
}

/**
 * What the sandbox itself costs, one thread: making an engine, loading a program, and calls.
 *
 * @param args calls of a round
 */
export function measureSandbox([calls = '5000']: readonly string[]): void {
  const [module, compileMs] = millisecondsOf(compileQuickjs);
  const [engine, engineMs] = millisecondsOf((): SandboxEngine => createSandboxEngine({ runtime: '', module }));
  const [transfer, loadMs] = millisecondsOf(() => engine.load(TRANSFER, FUEL));
  console.log(
    `read, instrument and compile QuickJS ${compileMs.toFixed(0)} ms, make an engine ${engineMs.toFixed(0)} ms, ` +
      `load a first program ${loadMs.toFixed(1)} ms (${transfer.loadFuel} units)`,
  );
  const input = JSON.stringify({ asset: 'EUR', from: `0x${'11'.repeat(20)}`, to: `0x${'22'.repeat(20)}`, amount: '5' });
  const bare = engine.load(BARE, FUEL);
  print('bare call', measureCalls([bare], Number(calls), input));
  print('call with six operations', measureCalls([transfer], Number(calls), input));
  const others = Array.from({ length: 3 }, () => engine.load(TRANSFER, FUEL));
  print('the same, four programs in turn', measureCalls([transfer, ...others], Number(calls), input));
}
