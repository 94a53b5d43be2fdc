import type { Command } from 'commander';
import { askNodes, diagnose, formatConsultation } from '../doctor/consultation.js';
import { CliError } from '../errors.js';
import type { Bind, Invocation } from '../invocation.js';
import { readNodeConfig } from '../nodeConfig.js';
import { nodeHome } from '../nodeHome.js';
import { withExamples, withJson } from '../options.js';
import type { CommandResult } from '../output.js';

const REQUEST_TIMEOUT_MS = 5_000;

export function register(program: Command, bind: Bind): void {
  const doctor = program
    .command('doctor')
    .description(
      'Say in words whether all is well and, where no block comes, why. Asks a node, or several to compare them, and\n' +
        'looks at the files of a home where one is named. Exit code 0 when all is well, 5 when something is not.',
    )
    .option('--rpc <url>', 'URL of a node’s RPC, several with commas between (VOSTRO_RPC; the home’s own with --home)')
    .option('--home <directory>', 'also look at the home of a node (VOSTRO_HOME)');
  withExamples(
    withJson(doctor),
    'vostro doctor',
    'vostro doctor --home ./node',
    'vostro doctor --rpc http://127.0.0.1:26700,http://127.0.0.1:26701 --json',
  ).action(bind(consult));
}

async function consult(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const { settings, resolved } = await invocation.config();
  const isHomeNamed = options.text('home') !== undefined || (host.environment['VOSTRO_HOME'] ?? '') !== '';
  const sources = isHomeNamed ? await readNodeConfig(invocation, nodeHome(invocation)) : undefined;
  // It loads what reads a node's settings and keys, which no other question needs.
  const homeCheck = sources === undefined ? undefined : await import('../doctor/homeCheck.js');
  const home = sources === undefined ? undefined : await homeCheck?.examineHome(sources);
  const isRpcNamed = resolved.some(({ key, origin }) => key === 'rpc' && origin !== 'default');
  const urls =
    isRpcNamed || home?.rpcUrl === undefined ? settings.rpc.split(',').map((url) => url.trim()) : [home.rpcUrl];
  const answers = await askNodes(urls, globalThis.fetch, REQUEST_TIMEOUT_MS);
  const isAnswered = answers.some((answer) => 'health' in answer);
  const ports = sources === undefined || isAnswered ? [] : ((await homeCheck?.examinePorts(sources)) ?? []);
  const findings = [...diagnose(answers, home), ...ports];
  const bad = findings.filter(({ severity }) => severity !== 'info');
  const data = { nodes: answers, findings };
  const text = formatConsultation(answers, findings);
  if (bad.length === 0) return { data, text };
  const named = [...new Set(bad.map(({ code }) => code))].join(', ');
  const details = { actual: named, hint: 'each finding says what to do' };
  const error = isAnswered
    ? new CliError('NOT_WELL', `${bad.length} things need a look: ${named}`, details)
    : new CliError('NODE_UNREACHABLE', `no node answered: ${urls.join(', ')}`, details);
  return { data, text, errors: [error] };
}
