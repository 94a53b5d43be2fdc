#!/usr/bin/env node
import { EXIT } from './exitCodes.js';
import { processHost } from './host.js';
import { runCli } from './run.js';

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.bug);
});

process.exitCode = await runCli(process.argv.slice(2), processHost());
