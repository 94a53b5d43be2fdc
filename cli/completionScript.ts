import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command's full name, as `vostro keys new`, and the words that may follow it. */
interface Completion {
  readonly path: string;
  readonly words: readonly string[];
}

/** A shell's completion script, made from the commands themselves. */
export function completionScript(program: Command, shell: Shell): string {
  const completions = collect(program, program.name());
  return shell === 'fish'
    ? fishScript(completions)
    : shell === 'zsh'
      ? zshScript(completions)
      : bashScript(completions);
}

function collect(command: Command, path: string): readonly Completion[] {
  const options = command.options.flatMap((option) =>
    option.long === undefined || option.long === null ? [] : [option.long],
  );
  const words = [...command.commands.map((child) => child.name()), ...options, '--help'];
  return [{ path, words }, ...command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`))];
}

/** Walks the words before the cursor down the tree of commands and offers what may follow. */
function bashScript(completions: readonly Completion[]): string {
  const words = completions.map(({ path, words }) => `['${path}']='${words.join(' ')}'`).join(' ');
  return `# bash completion of vostro
_vostro() {
  local path=vostro word
  local -A offered=(${words})
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ -n "\${offered["$path $word"]}" ]] && path="$path $word"
  done
  COMPREPLY=($(compgen -W "\${offered["$path"]}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _vostro vostro`;
}

function zshScript(completions: readonly Completion[]): string {
  const words = completions.map(({ path, words }) => `'${path}' '${words.join(' ')}'`).join(' ');
  return `#compdef vostro
_vostro() {
  local at=vostro word
  local -A offered=(${words})
  for word in "\${words[@]:1:CURRENT-2}"; do
    [[ -n "\${offered[$at $word]}" ]] && at="$at $word"
  done
  compadd -- \${=offered[$at]}
  _files
}
compdef _vostro vostro`;
}

function fishScript(completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => `'${path}'`).join(' ');
  const cases = completions.map(
    ({ path, words }) => `        case '${path}'\n            printf '%s\\n' ${words.join(' ')}`,
  );
  return `# fish completion of vostro
function __vostro_complete
    set -l at vostro
    for word in (commandline -opc)[2..]
        contains -- "$at $word" ${paths}; and set at "$at $word"
    end
    switch $at
${cases.join('\n')}
    end
end
complete -c vostro -a '(__vostro_complete)'`;
}
