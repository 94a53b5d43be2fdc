import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Command } from 'commander';
import { completionScript } from '../../../cli/completionScript.js';
import { processHost } from '../../../cli/host.js';
import { describeProgram } from '../../../cli/run.js';
import { runVostro } from './fakeHost.js';

const build = fileURLToPath(new URL('../../../', import.meta.url));

/** Packages that a module loads before any of its code runs: its static imports, and theirs. */
function packagesLoadedBy(entry: string): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const code = readFileSync(path, 'utf8');
    for (const [, specifier = ''] of code.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)';|^import '([^']+)';/gm)) {
      if (specifier.startsWith('.')) queue.push(join(dirname(path), specifier));
      else packages.add(specifier);
    }
  }
  return packages;
}

function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

describe('the commands', () => {
  it('load neither libp2p nor LevelDB nor the logger before they start a node', () => {
    const modules = readdirSync(join(build, 'cli', 'commands')).filter((name) => name.endsWith('.js'));
    expect(modules).to.include('pay.js');
    for (const name of [...modules.map((module) => join('commands', module)), 'main.js', 'run.js']) {
      const loaded = [...packagesLoadedBy(join(build, 'cli', name))];
      const heavy = loaded.filter((specifier) => /libp2p|multiformats|level|^pino|prom-client|fastify/.test(specifier));
      expect(heavy, name).to.deep.equal([]);
    }
    const node = [...packagesLoadedBy(join(build, 'cli', 'runNode.js'))];
    expect(node.some((specifier) => specifier === 'libp2p')).to.equal(true);
  });

  it('each show an example in their help, take --json, and say what they do', async () => {
    for (const command of leaves(await describeProgram(processHost()))) {
      const name = `${command.parent?.name()} ${command.name()}`;
      expect(command.description(), name).not.to.equal('');
      expect(
        command.options.map((option) => option.long),
        name,
      ).to.include('--json');
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      expect(help, name).to.include('Examples:\n  $ vostro ');
    }
  });

  it('take no secret as an argument', async () => {
    const options = leaves(await describeProgram(processHost())).flatMap((command) =>
      command.options.map((option) => option.long),
    );
    expect(options.filter((name) => /pass(word|phrase)?$|secret|private|mnemonic/.test(name ?? ''))).to.deep.equal([]);
  });

  it('complete in every shell, with every command and option', async () => {
    const program = await describeProgram(processHost());
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const script = completionScript(program, shell);
      for (const word of ['keys', 'genesis', 'dvp', 'propose', '--reserve-reference', 'vostro asset create']) {
        expect(script, shell).to.include(word);
      }
    }
    expect((await runVostro(['completion', 'tcsh'])).exitCode).to.equal(2);
  });
});
