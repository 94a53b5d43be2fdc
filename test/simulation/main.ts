import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../primitives/errors.js';
import { type Campaign, campaignOf, readArguments, replayCommand } from './campaign.js';
import { Report } from './report.js';
import { type SeedResult, simulateSeed } from './simulateSeed.js';
import { createSettlement } from './world/settlement.js';

/** `npm run simulate`: runs seeds, here or in workers, and tells what they found. Exit code 1 when something was. */

class WorkerDied extends CodedError<'WORKER_DIED'> {}

/**
 * Ends the process as failed unless it is told that all is done: a world in which somebody waits for what never comes
 * leaves nothing to do, and Node.js would end with success.
 */
function expectAnEnd(): () => void {
  const failed = (): void => {
    process.stderr.write('the process has nothing left to do, and a seed has not ended: somebody waits for ever\n');
    process.exitCode = 2;
  };
  process.once('beforeExit', failed);
  return () => void process.off('beforeExit', failed);
}

async function runHere(campaign: Campaign, tell: (result: SeedResult) => void): Promise<void> {
  const settlement = createSettlement(campaign.nodes);
  const { profile, signatures } = campaign;
  const trace = campaign.trace ? { trace: (line: string): void => void process.stdout.write(`${line}\n`) } : {};
  for (const seed of campaign.seeds) tell(await simulateSeed({ seed, profile, signatures, ...trace }, settlement));
}

/** Every worker takes each so-many-th seed. */
async function runInWorkers(campaign: Campaign, tell: (result: SeedResult) => void): Promise<void> {
  const runs = Array.from({ length: campaign.workers }, (_, index) => {
    const seeds = campaign.seeds.filter((_seed, position) => position % campaign.workers === index);
    return new Promise<void>((resolve, reject) => {
      const worker = fork(fileURLToPath(import.meta.url), ['--worker'], { execArgv: process.execArgv });
      worker.on('message', (result: SeedResult) => tell(result));
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new WorkerDied('WORKER_DIED', `a worker ended with ${code}`)),
      );
      worker.send({ ...campaign, seeds, workers: 1 } satisfies Campaign);
    });
  });
  await Promise.all(runs);
}

async function main(): Promise<void> {
  const ended = expectAnEnd();
  const campaign = campaignOf(readArguments(process.argv.slice(2)));
  const report = new Report(campaign, (line) => process.stdout.write(`${line}\n`));
  report.begin();
  const run = campaign.workers > 1 ? runInWorkers : runHere;
  await run(campaign, (result) => report.add(result, replayCommand(campaign, result.seed)));
  process.exitCode = report.end() ? 0 : 1;
  ended();
}

if (process.argv[2] === '--worker') {
  process.once('message', (campaign: Campaign) => {
    const ended = expectAnEnd();
    runHere(campaign, (result) => process.send?.(result)).then(
      () => {
        ended();
        process.disconnect();
      },
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
} else {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  });
}
