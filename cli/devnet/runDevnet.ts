import type { SignatureBackend } from '../../primitives/types.js';
import type { CommandResult } from '../output.js';
import { moneyOf, settleBusinessDay } from './businessDay.js';
import { type DevnetLayout, devnetLayout } from './layout.js';
import { DevnetNetwork } from './network.js';
import { DevnetError } from './nodeProcess.js';
import { Operator } from './operator.js';
import { provision, removeNetwork } from './provision.js';
import { type DayReport, findFaults, formatNextSteps, formatReport } from './report.js';

export interface DevnetOptions {
  readonly home: string;
  readonly basePort: number;
  readonly once: boolean;
  readonly fresh: boolean;
  readonly idle: boolean;
  /** Currencies of a new network beside its own. */
  readonly further: readonly string[];
}

export interface DevnetModules {
  readonly backend: SignatureBackend;
  readonly nowMs: () => number;
  /** Progress, on stderr. */
  readonly note: (text: string) => void;
  /** The result, on stdout, while the command goes on. */
  readonly show: (text: string) => void;
}

/**
 * Runs the local network: makes it where there is none, starts its nodes, settles a day, reports, and waits for Ctrl-C.
 * Every process is stopped before it returns, whatever happens.
 *
 * @throws DevnetError, or what a step of the day failed with
 */
export async function runDevnet(options: DevnetOptions, modules: DevnetModules): Promise<CommandResult> {
  const { note } = modules;
  const layout = devnetLayout(options.home, options.basePort);
  if (options.fresh) await removeNetwork(layout);
  const isNew = await provision(layout, modules.backend, modules.nowMs(), options.further);
  note(`${isNew ? 'made a new network' : 'continuing the network'} in ${layout.home}`);
  if (isNew) note('its keystores open fast (scrypt 2^14), for play money only; real keys take 2^18');
  const network = new DevnetNetwork(layout);
  const interrupted = untilInterrupted();
  const startedMs = modules.nowMs();
  try {
    await Promise.race([network.start(), interrupted]);
    note(`five nodes are up after ${((modules.nowMs() - startedMs) / 1_000).toFixed(1)} s`);
    const died = network.whenAnyExits().then((name) => {
      throw new DevnetError('NODE_STOPPED', `the node of ${name} has stopped`, { hint: 'see its node.log' });
    });
    const day = options.idle ? Promise.resolve(undefined) : settleAndReport(network, layout, modules);
    const report = await Promise.race([day, interrupted.then(() => undefined), died]);
    if (options.once) return resultOf(report);
    if (report !== undefined) modules.show(`${formatReport(report)}\n`);
    modules.show(`${formatNextSteps(layout)}\n`);
    note('running; Ctrl-C stops every node');
    await Promise.race([interrupted, died]);
    return { data: null, text: '' };
  } finally {
    note('stopping the nodes');
    const unclean = await network.stop();
    note(unclean.length === 0 ? 'all nodes have stopped' : `stopped, but not cleanly: ${unclean.join(', ')}`);
  }
}

async function settleAndReport(
  network: DevnetNetwork,
  layout: DevnetLayout,
  { nowMs, note }: DevnetModules,
): Promise<DayReport> {
  // The observer is asked for everything: what it tells, it must have proven.
  const observer = layout.nodes.find(({ member }) => !member.validates) ?? layout.nodes[0];
  const operator = new Operator(layout, observer?.rpcUrl ?? '');
  const heightBefore = await network.newestHeight();
  const todayIso = new Date(nowMs()).toISOString().slice(0, 10);
  const day = await settleBusinessDay(operator, layout, { todayIso, note });
  const money = await moneyOf(operator);
  const states = await network.statesAtOneHeight();
  const blocks = (states[0]?.height ?? 0) - heightBefore;
  const report = { day, states, blocks, ...money };
  return { ...report, faults: await findFaults(report) };
}

function resultOf(report: DayReport | undefined): CommandResult {
  if (report === undefined) return { data: null, text: 'stopped before the day was settled' };
  const { faults, held, outstanding, states, ...rest } = report;
  const error = new DevnetError('DAY_FAILED', `${faults.length} things are not as they should be`, { faults });
  return {
    data: {
      ...rest,
      stateRoots: states.map(({ node, stateRoot }) => ({ node: node.member.bic, stateRoot })),
      height: states[0]?.height,
      held,
      outstanding,
      faults,
    },
    text: formatReport(report),
    errors: faults.length === 0 ? [] : [error],
  };
}

/**
 * Resolves at the first Ctrl-C or polite request to end, or when whoever started this process is gone. A second Ctrl-C
 * finds the default handler and ends at once.
 */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
    // Listening must not keep this process from ending by itself.
    process.channel?.unref();
  });
}
