import { readFile, stat } from 'node:fs/promises';
import { KeyError } from './errors.js';
import { errnoOf } from './keyFiles.js';
import { promptHidden, type TerminalInput, type TerminalOutput } from './prompt.js';

/** Where a password may come from, in the order in which the sources are tried. Never the command line. */
export interface PasswordSources {
  /** A file whose first line is the password. */
  readonly passwordFile?: string | undefined;
  /** The environment: `VOSTRO_PASSWORD_FILE`, then `VOSTRO_PASSWORD`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A terminal to ask on as the last resort; undefined where there is none. */
  readonly terminal?: { readonly input: TerminalInput; readonly output: TerminalOutput } | undefined;
}

export interface PasswordRequest {
  /** What it opens, for the prompt: `the key ALPHA`. */
  readonly purpose: string;
  /** Ask twice: a new password that is mistyped loses the key. */
  readonly confirm?: boolean;
}

const MAX_PASSWORD_BYTES = 1_024;

/**
 * The password from its file, the environment, or a prompt on the terminal.
 *
 * @throws KeyError `PASSWORD_MISSING`, `PASSWORD_FILE_INVALID`, `PASSWORD_MISMATCH`
 */
export async function readPassword(sources: PasswordSources, request: PasswordRequest): Promise<string> {
  const file = sources.passwordFile ?? sources.environment['VOSTRO_PASSWORD_FILE'];
  if (file !== undefined && file !== '') return readPasswordFile(file);
  const fromEnvironment = sources.environment['VOSTRO_PASSWORD'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (sources.terminal === undefined) throw missing(request.purpose);
  return promptPassword(sources.terminal, request);
}

/** The first line of a file. @throws KeyError `PASSWORD_FILE_INVALID` */
export async function readPasswordFile(path: string): Promise<string> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_PASSWORD_BYTES) throw fileInvalid(path, `more than ${MAX_PASSWORD_BYTES} bytes`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyError) throw error;
    throw fileInvalid(path, errnoOf(error) || 'an unreadable file');
  }
  const [line = '', ...rest] = text.split(/\r?\n/);
  if (line === '') throw fileInvalid(path, 'an empty first line');
  if (rest.some((other) => other !== '')) throw fileInvalid(path, 'several lines');
  return line;
}

async function promptPassword(
  terminal: { readonly input: TerminalInput; readonly output: TerminalOutput },
  request: PasswordRequest,
): Promise<string> {
  const password = await promptHidden(terminal, `Password for ${request.purpose}: `);
  if (password === '') throw missing(request.purpose);
  if (request.confirm !== true) return password;
  const again = await promptHidden(terminal, 'The same password again: ');
  if (again === password) return password;
  throw new KeyError('PASSWORD_MISMATCH', 'the two passwords differ; nothing was written', {
    expected: 'the same password twice',
    hint: 'run the command again',
  });
}

function missing(purpose: string): KeyError {
  return new KeyError('PASSWORD_MISSING', `expected a password for ${purpose}, found none`, {
    expected: '--password-file FILE, VOSTRO_PASSWORD_FILE, VOSTRO_PASSWORD, or a terminal to ask on',
    actual: 'none of them',
    hint: 'write the password into a file that only you can read and pass it with --password-file',
  });
}

function fileInvalid(path: string, actual: string): KeyError {
  return new KeyError('PASSWORD_FILE_INVALID', `${path}: expected one line with the password, found ${actual}`, {
    expected: 'a file of one line, at most 1,024 bytes',
    actual,
    hint: 'check the path, its permissions and its content',
  });
}
