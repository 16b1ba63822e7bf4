import { NeuroprintError } from '@neuroprint/core';
import pc from 'picocolors';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { activationsCommand } from './commands/activations.ts';
import { afterPrintCommand } from './commands/after-print.ts';
import { baselinesCommand } from './commands/baselines.ts';
import { bayesMultiCommand } from './commands/bayesmulti.ts';
import { benchCommand } from './commands/bench.ts';
import { compileCommand } from './commands/compile.ts';
import { demoCommand } from './commands/demo.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { localCommand } from './commands/local.ts';
import { lvsCommand } from './commands/lvs.ts';
import { optimiseCommand } from './commands/optimise.ts';
import { reportCommand } from './commands/report.ts';
import { sampleCommand } from './commands/sample.ts';
import { samplesCommand } from './commands/samples.ts';
import { surrogateCommand } from './commands/surrogate.ts';
import { surrogatesCommand } from './commands/surrogates.ts';
import { paretoCommand, sweepCommand } from './commands/sweep.ts';
import { technologyCommand } from './commands/technology.ts';
import { trainCommand } from './commands/train.ts';
import { usabilityCommand } from './commands/usability.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT_INTERRUPTED, handleInterrupts, InterruptedError } from './interrupt.ts';
import { VERSION } from './paths.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** Says once what is wrong and what to do. A stack trace is shown for bugs only. */
function fail(error: unknown): number {
  if (error instanceof InterruptedError) {
    process.stderr.write(`\n${error.message}\n`);
    return EXIT_INTERRUPTED;
  }
  if (error instanceof NeuroprintError) {
    process.stderr.write(`${pc.red('error')} ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return error.exitCode;
  }
  const system = error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
  if (system) {
    process.stderr.write(`${pc.red('error')} ${error.message}\nThe machine refused it: check space and permissions.\n`);
    return EXIT_FAILED;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${pc.red('This is a bug in neuroprint.')} Please report it with the command that you ran.\n${text}\n`,
  );
  return EXIT_FAILED;
}

/** What the bin runs: the command line of this process, which Ctrl-C ends in order. */
export async function main(): Promise<void> {
  handleInterrupts();
  process.exitCode = await run(hideBin(process.argv));
}

/** Runs one command line and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const parser = yargs([...args])
    .scriptName('neuroprint')
    .usage(
      '$0 <command>\n\nCompiles neural networks into printable analog circuits, and proves in ngspice that they work.',
    )
    .command(doctorCommand)
    .command(demoCommand)
    .command(sampleCommand)
    .command(samplesCommand)
    .command(technologyCommand)
    .command(surrogateCommand)
    .command(surrogatesCommand)
    .command(generateCommand)
    .command(baselinesCommand)
    .command(trainCommand)
    .command(importCommand)
    .command(compileCommand)
    .command(lvsCommand)
    .command(localCommand)
    .command(diffCommand)
    .command(verifyCommand)
    .command(reportCommand)
    .command(benchCommand)
    .command(sweepCommand)
    .command(paretoCommand)
    .command(bayesMultiCommand)
    .command(activationsCommand)
    .command(afterPrintCommand)
    .command(usabilityCommand)
    .command(optimiseCommand)
    .demandCommand(1, 'Say what to do.')
    .strict()
    .recommendCommands()
    .version(VERSION)
    .help()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message, error) => {
      // yargs wraps what a coerce function throws into an error of its own
      if (error && error.name !== 'YError') throw error;
      throw new WrongUse(error?.message ?? message);
    });
  try {
    await parser.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof WrongUse)) return fail(error);
    process.stderr.write(
      `${pc.red('error')} ${error.message}\nSee neuroprint --help, or neuroprint <command> --help.\n`,
    );
    return EXIT_WRONG_USE;
  } finally {
    process.exitCode = undefined;
  }
}

/** What yargs says of a command line that is no command. */
class WrongUse extends Error {}
