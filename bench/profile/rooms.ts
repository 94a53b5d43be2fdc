/** One frame of a stack, as V8 names it. */
export interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** Counted from 0. */
  readonly lineNumber: number;
}

/** Natives that are told apart by their names: V8 gives them no file. */
const NATIVES: Readonly<Record<string, string>> = {
  ecdsaVerify: 'native: signatures',
  ecdsaSign: 'native: signatures',
  publicKeyConvert: 'native: signatures',
  Secp256k1Addon: 'native: signatures',
  oneShotDigest: 'native: hashes',
  hash: 'native: hashes',
  update: 'native: hashes',
  digest: 'native: hashes',
  hashInto: 'native: hashes',
  writev: 'native: socket writes',
  writeBuffer: 'native: socket writes',
  writeUtf8String: 'native: socket writes',
  writeLatin1String: 'native: socket writes',
  writeAsciiString: 'native: socket writes',
  postMessage: 'native: thread messages',
  drain: 'native: thread messages',
  sign: 'native: ciphers',
  final: 'native: ciphers',
};

/** Natives of the file system's binding. */
const FILE_CALLS = new Set([
  'openFileHandle',
  'open',
  'close',
  'unlink',
  'fdatasync',
  'fsync',
  'read',
  'readFileUtf8',
  'writeBuffer',
  'writeBuffers',
  'writeString',
  'rename',
  'mkdir',
  'readdir',
  'stat',
  'fstat',
  'lstat',
  'access',
  'statfs',
]);

const IDLE = '(idle)';

/** Whether nothing ran. */
export function isIdle({ functionName }: Frame): boolean {
  return functionName === IDLE;
}

/** Whether it is the instrument's own work. */
export function isInstrument(frame: Frame): boolean {
  return ownRoomOf(frame) === 'bench';
}

/** The room of this repository that a frame stands in, undefined where it is another's: `node/execution`, `primitives`. */
export function ownRoomOf({ url }: Frame): string | undefined {
  const own = /\/dist\/((?:node|contracts|sandbox|consensus)\/[^/]+(?=\/)|[^/]+)\//.exec(withoutPackages(url));
  return own?.[1];
}

/**
 * Where a frame's own time goes: a folder of ours, a package, a part of Node.js, or a kind of native work.
 *
 * @param parent the frame that called it
 */
export function roomOf(frame: Frame, parent: Frame | undefined): string {
  const { url, functionName } = frame;
  const pack = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (pack !== undefined) return pack;
  const own = ownRoomOf(frame);
  if (own !== undefined) return own;
  if (url.startsWith('node:')) return nodePart(url);
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'outside of JavaScript';
  if (functionName.startsWith('(')) return functionName;
  return nativeOf(functionName, parent);
}

function nativeOf(functionName: string, parent: Frame | undefined): string {
  const caller = parent?.url ?? '';
  if (/classic-level|abstract-level/.test(caller)) return 'native: leveldb';
  if (/^node:(internal\/)?fs/.test(caller) && FILE_CALLS.has(functionName)) return 'native: file calls';
  if (/^node:internal\/crypto\/cipher/.test(caller)) return 'native: ciphers';
  return NATIVES[functionName] ?? 'native: other';
}

/** The file alone says enough of the parts that a node leans on: streams, sockets, events, timers, workers, HTTP. */
function nodePart(url: string): string {
  const path = url.slice('node:'.length).replace(/^internal\//, '');
  const first = path.split('/')[0] ?? '';
  const file = path.split('/').at(-1) ?? '';
  return `node: ${/^(_http|http|_tls)/.test(file) ? 'http' : first.replace(/^_stream.*/, 'streams')}`;
}

/** A package may have a `dist` folder, too. */
function withoutPackages(url: string): string {
  return url.includes('/node_modules/') ? '' : url;
}
