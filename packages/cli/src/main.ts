import pc from 'picocolors';
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { COMMANDS, type Entry } from './commands.ts';
import { EXIT_INTERRUPTED, InterruptedError, interruptSignal } from './interrupt.ts';
import { VERSION } from './paths.ts';
import { type Terminal, terminal, withTerminal } from './terminal.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** What yargs says of a command line that is no command. */
class WrongUse extends Error {}

/** What the bin runs: the command line of this process, which Ctrl-C ends in order. */
export async function main(): Promise<void> {
  process.exitCode = await run(hideBin(process.argv), { ...processTerminal(), signal: interruptSignal() });
}

function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  return { stdout, stderr, colours: pc.isColorSupported, signal: new AbortController().signal };
}

/** Runs one command line on a terminal, by default this process's, and returns its exit code. Calls share nothing. */
export function run(args: readonly string[], io: Terminal = processTerminal()): Promise<number> {
  return withTerminal(io, args, async () => {
    try {
      return await parse(args);
    } catch (error) {
      return fail(error);
    }
  });
}

async function parse(args: readonly string[]): Promise<number> {
  const { stdout } = terminal();
  let exitCode = 0;
  const add = (to: Argv, { command, describe, ...entry }: Entry): Argv =>
    'among' in entry
      ? to.command(command, describe, (group) => entry.among.reduce(add, group).demandCommand(1, entry.demand).strict())
      : to.command(
          command,
          describe,
          async (own) => (await entry.load()).build(own),
          async (argv) => {
            exitCode = await (await entry.load()).run(argv);
          },
        );
  const parser = COMMANDS.reduce(
    add,
    yargs()
      .scriptName('neuroprint')
      .usage(
        '$0 <command>\n\nCompiles neural networks into printable analog circuits, and proves in ngspice that they work.',
      ),
  )
    .demandCommand(1, 'Say what to do.')
    .strict()
    .recommendCommands()
    .version(VERSION)
    .help()
    .wrap(Math.min(110, stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new WrongUse(message);
    });
  // help and version; everything else commands write themselves
  await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    if (output !== '') stdout.write(`${output}\n`);
  });
  return exitCode;
}

/** Says once what is wrong and what to do, and returns the exit code. A stack trace is shown for bugs only. */
async function fail(error: unknown): Promise<number> {
  const { stderr, colours } = terminal();
  const red = pc.createColors(colours).red;
  const say = (text: string, exitCode: number): number => {
    stderr.write(`${text}\n`);
    return exitCode;
  };
  if (error instanceof InterruptedError) return say(`\n${error.message}`, EXIT_INTERRUPTED);
  // what a coerce function throws, yargs wraps into an error of its own
  if (error instanceof WrongUse || (error instanceof Error && error.name === 'YError')) {
    return say(
      `${red('error')} ${error.message}\nSee neuroprint --help, or neuroprint <command> --help.`,
      EXIT_WRONG_USE,
    );
  }
  const { NeuroprintError } = await import('@neuroprint/core');
  if (error instanceof NeuroprintError)
    return say(`${red('error')} ${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}`, error.exitCode);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
    return say(`${red('error')} ${error.message}\nThe machine refused it: check space and permissions.`, EXIT_FAILED);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return say(
    `${red('This is a bug in neuroprint.')} Please report it with the command that you ran.\n${text}`,
    EXIT_FAILED,
  );
}
