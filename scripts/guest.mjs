// Bundles the guest runtime: one script that the sandbox's engine runs before any program. Its bytes are part of the
// engine's hash, so nothing but the sources and the version of esbuild may decide them.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

export const guestRuntime = join(root, 'dist', 'sandbox', 'guestRuntime.js');

export async function buildGuestRuntime(outfile = guestRuntime) {
  await build({
    absWorkingDir: root,
    entryPoints: ['sandbox/guest/main.ts'],
    outfile,
    bundle: true,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    charset: 'ascii',
    minify: true,
    treeShaking: true,
    legalComments: 'none',
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { target: 'ES2022', useDefineForClassFields: true, verbatimModuleSyntax: true } },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildGuestRuntime(process.argv[2]);
