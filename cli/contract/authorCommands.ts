import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { artefactsOf } from '../../kit/artefacts.js';
import { buildContract, CheckFailedError, writeBuild } from '../../kit/build.js';
import { checkProject } from '../../kit/check/check.js';
import { readProject } from '../../kit/project/project.js';
import { createProject, TEMPLATES } from '../../kit/templates.js';
import { runContractTests } from '../../kit/testRun.js';
import { usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson } from '../options.js';
import type { CommandResult } from '../output.js';
import { formatFields } from '../table.js';
import { formatFindings } from './findings.js';
import { registerVerify } from './verifyCommand.js';

/** What the author of a contract needs, and the bank that checks it: none of it asks a node. */
export function registerAuthorCommands(contract: Command, bind: Bind): void {
  const make = contract
    .command('new')
    .description('Make a project of a contract, with tests.')
    .argument('<directory>', 'where to put it; it must not exist, or be empty')
    .option('--template <name>', TEMPLATES.map(({ name, summary }) => `${name}: ${summary}`).join('; '), 'empty')
    .option('--name <name>', 'name of the contract on chain; the template’s when left out');
  withExamples(
    withJson(make),
    'vostro contract new notices',
    'vostro contract new works --template escrow --name works',
  ).action(bind(newCommand));
  const check = contract
    .command('check')
    .description('Check types and the rules of determinism, build nothing.')
    .argument('[directory]', 'the project; the current directory when left out');
  withExamples(withJson(check), 'vostro contract check', 'vostro contract check escrow').action(bind(checkCommand));
  const test = contract
    .command('test')
    .description('Run the tests of a project with node:test, against a network in memory.')
    .argument('[directory]', 'the project; the current directory when left out')
    .option('--grep <pattern>', 'only tests whose name matches');
  withExamples(withJson(test), 'vostro contract test', 'vostro contract test escrow --grep deadline').action(
    bind(testCommand),
  );
  const build = contract
    .command('build')
    .description('Check and bundle a project: the same sources give the same bytes everywhere.')
    .argument('[directory]', 'the project; the current directory when left out');
  withExamples(withJson(build), 'vostro contract build', 'vostro contract build escrow').action(bind(buildCommand));
  registerVerify(contract, bind);
}

function projectDirectory(invocation: Invocation): string {
  return resolve(invocation.args[0] ?? '.');
}

/** As a person would name it from here. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown === '' ? '.' : shown.startsWith('..') ? path : shown;
}

async function newCommand(invocation: Invocation): Promise<CommandResult> {
  const given = argument(invocation, 0, 'directory');
  const template = invocation.options.required('template');
  const names = TEMPLATES.map(({ name }) => name);
  if (!names.includes(template)) throw usageError('--template', `one of ${names.join(', ')}`, `"${template}"`);
  const name = invocation.options.text('name');
  const directory = resolve(given);
  const made = await createProject(directory, { template, ...(name === undefined ? {} : { name }) });
  const steps = ['check', 'test', 'build'].map((step) => `  vostro contract ${step} ${given}`);
  return {
    data: { directory, template, name: made.name, files: made.files },
    text: [`${made.name}: ${made.files.length} files in ${shownPath(directory)}`, 'next:', ...steps].join('\n'),
  };
}

async function checkCommand(invocation: Invocation): Promise<CommandResult> {
  const project = await readProject(projectDirectory(invocation));
  const findings = checkProject(project);
  if (findings.length > 0) return checkFailed(new CheckFailedError(project, findings));
  const { name, version } = project.json;
  const count = project.modules.size === 1 ? 'one module' : `${project.modules.size} modules`;
  return {
    data: { name, version, modules: [...project.modules.keys()], findings },
    text: `${name} version ${version}: nothing found in ${count}`,
  };
}

async function testCommand(invocation: Invocation): Promise<CommandResult> {
  const directory = projectDirectory(invocation);
  const { output } = invocation;
  const grep = invocation.options.text('grep');
  const run = await runContractTests(directory, {
    ...(grep === undefined ? {} : { grep }),
    onOutput: (text) => output.note(text.trimEnd()),
  });
  const { files, passed, failed } = run;
  return {
    data: { files, passed, failed },
    text: `${passed} passed, ${failed} failed`,
    ...(run.error === undefined ? {} : { errors: [run.error] }),
  };
}

async function buildCommand(invocation: Invocation): Promise<CommandResult> {
  const directory = projectDirectory(invocation);
  try {
    const build = await buildContract(directory);
    const { loadFuel, engine, files } = artefactsOf(build);
    const target = await writeBuild(directory, files);
    const { project, program, archive, bundleHash, sourceHash, toolchain } = build;
    const { name, version } = project.json;
    const data = {
      name,
      version,
      directory: target,
      bundleHash,
      sourceHash,
      bundleBytes: program.length,
      sourceBytes: archive.length,
      loadFuel,
      engine,
      ...toolchain,
    };
    const text = formatFields([
      ['contract', `${name} version ${version}`],
      ['bundle hash', bundleHash],
      ['source hash', sourceHash],
      ['sizes', `${program.length} bytes of bundle, ${archive.length} of sources`],
      ['to load', `${loadFuel} units of fuel`],
      ['engine', `version ${engine.version}, ${engine.hash}`],
      ['built by', `vostro ${toolchain.vostro}, esbuild ${toolchain.esbuild}`],
      ['written to', shownPath(join(target, ''))],
    ]);
    return { data, text };
  } catch (error) {
    if (error instanceof CheckFailedError) return checkFailed(error);
    throw error;
  }
}

function checkFailed(error: CheckFailedError): CommandResult {
  const { name, version } = error.project.json;
  return {
    data: { name, version, modules: [...error.project.modules.keys()], findings: error.findings },
    text: formatFindings(error.project, error.findings),
    errors: [error],
  };
}
